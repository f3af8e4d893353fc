import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseJson } from '../http/json.ts';
import { OAuthError } from '../oauth/errors.ts';
import { findAccount, pathOfAccount } from './account-lookup.ts';
import type { Json } from './api-client.ts';
import { collect, end, orNull } from './arguments.ts';
import { printSecretNotice, readSecret } from './client-secrets.ts';
import {
  addEditOptions,
  changesOf,
  type Edits,
  type Field,
  fieldsOf,
  requireSomething,
} from './edits.ts';
import { WrongUsage } from './failure.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner, type Session } from './runner.ts';

const fields: Field[] = [
  { option: 'name', name: 'name', holds: 'one' },
  { option: 'scope', name: 'scope', holds: 'words' },
  { option: 'resource', name: 'resource', holds: 'one' },
  { option: 'role', name: 'roles', holds: 'list' },
  { option: 'details', name: 'authorization_details', holds: 'one' },
  { option: 'attributes', name: 'attributes', holds: 'one' },
  { option: 'expires', name: 'expires_at', holds: 'one' },
];

/** What can be changed of a token, and become less or nothing. */
const editable = fields.filter(({ option }) => ['scope', 'attributes', 'expires'].includes(option));

interface Subject {
  type: string;
  id?: string;
}

interface Owner {
  client?: string;
  account?: string;
  subject?: Subject;
}

interface Attributes {
  attribute?: Json;
  attributes?: Json;
}

/** `writ tokens`: what a token is, what backends make for users of their own, and its end. */
export function tokenCommands(program: Command, run: Runner): void {
  const tokens = program
    .command('tokens')
    .description('what was issued, and tokens for your users');

  addTokenOptions(
    tokens
      .command('create')
      .requiredOption('--subject <type:id>', 'for whom, in your own words: user:42', wholeSubject)
      .requiredOption('--name <name>', 'what people call it'),
  )
    .description('make an API token for somebody of your own; it is shown this once')
    .option('--client <client_id>', 'whose it is (default: the client that asks)', clientId)
    .option(
      '--resource <identifier>',
      'the API that it is for (default: that of the installation where its client may have it, else the first of its own)',
    )
    .option('--scope <scope>', 'what it may do (may come several times)', collect)
    .option('--role <role>', 'a role of its client that it has (may come several times)', collect)
    .option(
      '--details <json>',
      'permissions on single things (RFC 9396)',
      json('[…]', Array.isArray),
    )
    .addHelpText(
      'after',
      `
Without --expires it ends in 366 days, or earlier where it may not live as long.
Examples:
  writ tokens create --client acme:default --subject user:42 --name laptop --expires 30d
  writ tokens create --client backend --subject device:a7 --name Lamp --attribute plan=free`,
    )
    .action(
      run(async ({ api, output }, options: Attributes & { subject: Subject; client?: string }) => {
        const { id, token, ...rest } = await api.make('/tokens', {
          subject: options.subject,
          client_id: options.client,
          ...fieldsOf(fields, asGiven(options)),
        });
        show(output, { id, token, ...rest });
        printSecretNotice(output, token, 'token');
      }),
    );

  tokens
    .command('list')
    .description('what somebody made and owns; others come and go with logins')
    .option('--client <client_id>', 'those of this client', clientId)
    .option('--account <account>', 'those of this account, by its id or e-mail address')
    .option('--subject <type[:id]>', 'those for this subject, or for this type of it', subject)
    .option('--name <text>', 'those whose name begins with this')
    .addOption(
      new Option('--kind <kind>', 'those of this kind').choices([
        'api_key',
        'api_token',
        'personal_access_token',
      ]),
    )
    .addOption(
      new Option('--state <state>', 'those that are so').choices(['active', 'expired', 'revoked']),
    )
    .action(
      run(
        async (
          { api, output },
          { client, account, subject, ...filter }: Owner & Record<string, string>,
        ) => {
          const accountId = account && String((await findAccount(api, account))['id']);
          const query = {
            ...filter,
            client_id: client,
            account_id: accountId,
            subject_type: subject?.type,
            subject_id: subject?.id,
          };
          table(output, await api.list('/tokens', query), {
            columns: ['id', 'name', 'kind', { title: 'for', of: ownerOf }, 'state', 'expires_at'],
            empty: 'There are no such tokens.',
            style: ({ state }) => (state === 'active' ? undefined : 'dim'),
          });
        },
      ),
    );

  tokens
    .command('show <id>')
    .description('what a token is, by its id (the jti of introspection)')
    .action(run(async ({ api, output }, id: string) => show(output, await api.get(pathOf(id)))));

  tokens
    .command('check [token]')
    .description('what a token is, by its value, which is read from standard input')
    .addHelpText(
      'after',
      `
A value in the arguments stays in the history of the shell; let it be read.
Example:
  writ tokens check < token.txt`,
    )
    .action(
      run(async ({ api, output }, given: string | undefined) => {
        const value = given === undefined || given === '-' ? await readSecret('-') : given;
        const { active, token } = await api.post('/tokens/check', { token: value.trim() });
        if (output.json || token !== null)
          show(output, output.json ? { active, token } : (token as Json));
        else done(output, 'It is no token, or none that you may see.', {});
      }),
    );

  addEditOptions(addTokenOptions(tokens.command('update <id>')), editable)
    .description('change an API token; what it may do can only become less')
    .option('--name <name>', 'what people call it')
    .option('--scope <scope>', 'all that it may still do (may come several times)', collect)
    .addHelpText(
      'after',
      `
--attribute changes one attribute; --attributes takes the place of all.
Examples:
  writ tokens update tok_0lw1bw50EJ8M2WgHIL5XmUDsW --remove scope=things:write --expires 7d
  writ tokens update tok_0lw1bw50EJ8M2WgHIL5XmUDsW --attribute plan=paid`,
    )
    .action(
      run(async ({ api, output }, id: string, options: Edits & Attributes) => {
        requireSomething(options);
        show(
          output,
          await api.update(pathOf(id), (current) => {
            const given = asGiven(options, current['attributes']);
            const { scope, ...rest } = changesOf(fields, given, current);
            return { ...rest, ...(scope !== undefined && { scope: scope ?? '' }) };
          }),
        );
      }),
    );

  tokens
    .command('revoke [id]')
    .description('end a token, a login, or all that a client, an account or a subject has')
    .option('--client <client_id>', 'all of this client; it may get new ones at once', clientId)
    .option('--account <account>', 'all of this account, by its id or e-mail address')
    .option('--grant <id>', 'all of this login, which "writ accounts devices" shows')
    .option(
      '--subject <type:id>',
      'all API tokens for this subject; with --client those of it alone',
      wholeSubject,
    )
    .option(askFirst.flags, `${askFirst.description} (of one token or login nobody is asked)`)
    .addHelpText(
      'after',
      `
To let a client or an account have no more, disable it instead.
Examples:
  writ tokens revoke tok_0lw1bw50EJ8M2WgHIL5XmUDsW
  writ tokens revoke --account ada@example.com
  writ tokens revoke --subject user:42 --client acme:default`,
    )
    .action(
      run(
        async (
          session,
          id: string | undefined,
          options: Owner & { grant?: string; yes?: boolean },
        ) => {
          const { client, account, grant, subject } = options;
          // With a subject, a client says more of the same.
          const what = [id, subject ?? client, account, grant];
          if (what.filter((given) => given !== undefined).length !== 1)
            throw new WrongUsage(
              'Give one of them: the id of a token, --client, --account, --grant or --subject.',
            );
          if (subject !== undefined) await revokeOfSubject(session, subject, options);
          else if (client !== undefined) await revokeOfClient(session, client, options);
          else if (account !== undefined) await revokeOfAccount(session, account, options);
          else if (grant !== undefined) await revokeGrant(session, grant);
          else await revokeOne(session, String(id));
        },
      ),
    );
}

async function revokeOne({ api, output }: Session, id: string): Promise<void> {
  await api.delete(pathOf(id));
  done(output, `${id} has ended.`, { id, revoked: true });
}

async function revokeGrant({ api, output }: Session, id: string): Promise<void> {
  await api.delete(`/grants/${encodeURIComponent(id)}`);
  done(output, `The login ${id} has ended, and its tokens.`, { grant_id: id, revoked: true });
}

async function revokeOfClient(
  { api, output, confirm }: Session,
  client: string,
  options: { yes?: boolean },
): Promise<void> {
  await confirm(`End all tokens of the client ${client}?`, options);
  await api.delete(`/clients/${encodeURIComponent(client)}/tokens`);
  done(output, `All tokens of ${client} have ended.`, { client_id: client, revoked: true });
}

async function revokeOfAccount(
  { api, output, confirm }: Session,
  account: string,
  options: { yes?: boolean },
): Promise<void> {
  const { id, name } = await findAccount(api, account);
  await confirm(`End all tokens of ${name} (${account})?`, options);
  await api.delete(`${pathOfAccount(id)}/tokens`);
  done(output, `All tokens of ${account} have ended.`, { account_id: id, revoked: true });
}

async function revokeOfSubject(
  { api, output, confirm }: Session,
  subject: Subject,
  { client, ...options }: { client?: string; yes?: boolean },
): Promise<void> {
  const name = `${subject.type}:${subject.id}`;
  const of = client === undefined ? '' : ` that ${client} made`;
  await confirm(`End all API tokens for ${name}${of}?`, options);
  const { revoked } = await api.post('/tokens/revoke', { subject, client_id: client });
  done(output, `${revoked === 1 ? '1 token has' : `${revoked} tokens have`} ended.`, {
    subject,
    revoked,
  });
}

const addTokenOptions = (command: Command): Command =>
  command
    .option(
      '--attribute <key=value>',
      'a text that introspection tells (may come several times)',
      attribute,
    )
    .option('--attributes <json>', 'all that introspection tells, as JSON', json('{…}', isObject))
    .option(
      '--expires <time>',
      'when it ends: 30d, 2027-01-31, 2027-01-31T08:30Z, never',
      (value) => end(value, new Date()),
    );

/** The options, with what takes more than one of them or has no end. */
const asGiven = <Options extends Attributes & { expires?: string }>(
  options: Options,
  attributes?: unknown,
) => ({
  ...options,
  attributes: attributesIn(options, attributes),
  expires: orNull(options.expires),
});

/** What was said of the attributes: nothing, all of them, or single ones beside those that are there. */
function attributesIn(
  { attribute, attributes }: Attributes,
  current: unknown = {},
): Json | undefined {
  if (attribute && attributes)
    throw new WrongUsage('Give single attributes or all of them: --attribute or --attributes.');
  return attribute ? { ...(current as Json | null), ...attribute } : attributes;
}

function attribute(value: string, earlier: Json = {}): Json {
  const [, name, text] = /^([^=]+)=(.*)$/s.exec(value) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It is KEY=VALUE.');
  return { ...earlier, [name]: text };
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** For options that are JSON of some shape. */
const json =
  (shape: string, fits: (value: unknown) => boolean) =>
  (text: string): unknown => {
    let value: unknown;
    try {
      value = parseJson(text);
    } catch (error) {
      // A number that would be sent as another one, or a name twice: the server could not know.
      const isJson = error instanceof OAuthError && error.cause === undefined;
      if (isJson) throw new InvalidArgumentError(error.message);
    }
    if (!fits(value)) throw new InvalidArgumentError(`It is JSON: ${shape}.`);
    return value;
  };

/** For options that are somebody or something of another system, or all of a type. */
function subject(value: string): Subject {
  const [, type, id] = /^([^:]+)(?::(.+))?$/s.exec(value) ?? [];
  if (type === undefined) throw new InvalidArgumentError('It is TYPE:ID, such as user:42.');
  return id === undefined ? { type } : { type, id };
}

function wholeSubject(value: string): Subject {
  const found = subject(value);
  if (found.id === undefined) throw new InvalidArgumentError('It is TYPE:ID, such as user:42.');
  return found;
}

/** Clients of apps have two spellings. */
const clientId = (value: string): string => value.replace('~', ':');

/** Whom a token is for: the account or the subject that has it, else its client. */
function ownerOf(token: Json): unknown {
  const { type, id } = (token['subject'] ?? {}) as Json;
  return token['account_id'] ?? (type === undefined ? token['client_id'] : `${type}:${id}`);
}

const pathOf = (id: string) => `/tokens/${encodeURIComponent(id)}`;
