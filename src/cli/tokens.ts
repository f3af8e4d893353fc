import { setTimeout as delay } from 'node:timers/promises';
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

/** Fields of a token that can be reduced or cleared. */
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

interface Reason {
  message: string;
  at: string | null;
  detail: string | null;
}

interface Attributes {
  attribute?: Json;
  attributes?: Json;
}

/** `writ tokens`: API tokens that backends create for their users; looking up and revoking any token. */
export function tokenCommands(program: Command, run: Runner): void {
  const tokens = program
    .command('tokens')
    .description('issued tokens, and API tokens for your own users');

  addTokenOptions(
    tokens
      .command('create')
      .requiredOption(
        '--subject <type:id>',
        'who it is for, in your own terms: user:42',
        wholeSubject,
      )
      .requiredOption('--name <name>', 'its name, for people'),
  )
    .description('create an API token for a user of your own; it is shown only once')
    .option('--client <client_id>', 'its client (default: the client of the API key)', clientId)
    .option(
      '--resource <identifier>',
      'the API that it is for (default: the default resource, if its client is allowed it, else the first of the client)',
    )
    .option('--scope <scope>', 'a scope (repeatable)', collect)
    .option('--role <role>', 'a role of its client (repeatable)', collect)
    .option(
      '--details <json>',
      'permissions on single things (RFC 9396)',
      json('[…]', Array.isArray),
    )
    .addHelpText(
      'after',
      `
Without --expires it expires in 366 days, or at the maximum of its resource.
Examples:
  writ tokens create --client acme:default --subject user:42 --name laptop
  writ tokens create --client backend --subject device:a7 --name Lamp`,
    )
    .action(
      run(async ({ api, output }, options: Attributes & { subject: Subject; client?: string }) => {
        const { id, token, ...rest } = await api.create('/tokens', {
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
    .description('tokens with a name: personal access tokens, API tokens, API keys')
    .option('--client <client_id>', 'only those of this client', clientId)
    .option('--account <account>', 'only those of this account ID or email address')
    .option(
      '--subject <type[:id]>',
      'only those for this subject, or this type of subject',
      subject,
    )
    .option('--name <text>', 'only those whose name starts with this')
    .addOption(
      new Option('--kind <kind>', 'only those of this kind').choices([
        'api_key',
        'api_token',
        'personal_access_token',
      ]),
    )
    .addOption(
      new Option('--state <state>', 'only those in this state').choices([
        'active',
        'expired',
        'revoked',
      ]),
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
    .description('a token, by its ID (the jti of introspection)')
    .action(run(async ({ api, output }, id: string) => show(output, await api.get(pathOf(id)))));

  tokens
    .command('check [token]')
    .description('a token, by its value from standard input, and why it is not active')
    .addHelpText(
      'after',
      `
A value in the arguments stays in the history of the shell.
Example:
  writ tokens check < token.txt`,
    )
    .action(
      run(async ({ api, output }, given: string | undefined) => {
        const value = given === undefined || given === '-' ? await readSecret('-') : given;
        const { active, token, reasons } = await api.post('/tokens/check', {
          token: value.trim(),
        });
        if (output.json) return show(output, { active, token, reasons });
        if (token !== null) show(output, token as Json);
        for (const { message, at, detail } of reasons as Reason[])
          done(output, [message, at && `Since ${at}.`, detail].filter(Boolean).join(' '), {});
      }),
    );

  addEditOptions(addTokenOptions(tokens.command('update <id>')), editable)
    .description('change an API token; its scopes can only be reduced')
    .option('--name <name>', 'its name, for people')
    .option('--scope <scope>', 'a scope that it keeps (repeatable)', collect)
    .addHelpText(
      'after',
      `
--attribute changes one attribute; --attributes replaces all of them.
Examples:
  writ tokens update tok_0lw1bw50EJ8M2WgHIL5XmUDsW --remove scope=things:write
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
    .description('revoke a token, a login, or all tokens of a client, account or subject')
    .option('--client <client_id>', 'all tokens of this client; it can get new ones', clientId)
    .option('--account <account>', 'all tokens of this account ID or email address')
    .option('--issuer <id>', 'all that tokens of this trusted issuer were used for')
    .option('--grant <id>', 'a login, by its ID in "writ accounts devices"')
    .option(
      '--matching <filter>',
      'all active ones with this name, client, account, kind or subject',
      collect,
    )
    .option(
      '--subject <type:id>',
      'all API tokens for this subject; with --client only those of that client',
      wholeSubject,
    )
    .option(
      askFirst.flags,
      `${askFirst.description} (one token or login is revoked without asking)`,
    )
    .addHelpText(
      'after',
      `
To keep a client or an account from getting new tokens, disable it instead.
Examples:
  writ tokens revoke tok_0lw1bw50EJ8M2WgHIL5XmUDsW
  writ tokens revoke --subject user:42 --client acme:default
  writ tokens revoke --matching client=backend --matching name=ci-`,
    )
    .action(
      run(
        async (
          session,
          id: string | undefined,
          options: Owner & {
            grant?: string;
            issuer?: string;
            matching?: string[];
            yes?: boolean;
          },
        ) => {
          const { client, account, grant, subject, issuer, matching } = options;
          // With a subject, a client only narrows the selection.
          const what = [id, subject ?? client, account, grant, issuer, matching];
          if (what.filter((given) => given !== undefined).length !== 1)
            throw new WrongUsage(
              'Name one: the ID of a token, --client, --account, --issuer, --grant, --subject or --matching.',
            );
          if (matching !== undefined) await revokeMatching(session, matching, options);
          else if (subject !== undefined) await revokeOfSubject(session, subject, options);
          else if (client !== undefined) await revokeOfClient(session, client, options);
          else if (account !== undefined) await revokeOfAccount(session, account, options);
          else if (grant !== undefined) await revokeGrant(session, grant);
          else if (issuer !== undefined) await revokeOfIssuer(session, issuer, options);
          else await revokeOne(session, String(id));
        },
      ),
    );
}

/** The filter that `--matching` says. Throws `WrongUsage` for what is none. */
async function filterOf(
  { api }: Session,
  matching: readonly string[],
): Promise<Record<string, unknown>> {
  const filter: Record<string, unknown> = {};
  for (const each of matching) {
    const [, name = '', value = ''] = /^([a-z]+)=(.+)$/s.exec(each) ?? [];
    if (name === 'name' || name === 'kind') filter[name] = value;
    else if (name === 'client') filter['client_id'] = clientId(value);
    else if (name === 'account') filter['account_id'] = (await findAccount(api, value))['id'];
    else if (name === 'subject') filter['subject'] = subject(value);
    else
      throw new WrongUsage(
        `--matching ${each}: use name=PREFIX, client=ID, account=ACCOUNT, kind=KIND or subject=TYPE[:ID].`,
      );
  }
  return filter;
}

/** Seconds between two looks at how far a revocation has come. */
const lookSeconds = 1;

async function revokeMatching(
  session: Session,
  matching: readonly string[],
  options: { yes?: boolean },
): Promise<void> {
  const { api, output, confirm } = session;
  const filter = await filterOf(session, matching);
  const { subject: of, ...rest } = filter as { subject?: Subject };
  const query = { ...rest, subject_type: of?.type, subject_id: of?.id };
  const { count, more } = await api.get(`/tokens/count?${queryOf(query)}`);
  const number = `${count}${more ? ' or more' : ''}`;
  await confirm(`Revoke ${number} active tokens?`, options);
  let run = await api.post('/tokens/revocations', { filter });
  while (run['state'] === 'running') {
    await delay(lookSeconds * 1000);
    run = await api.get(`/tokens/revocations/${run['id']}`);
  }
  const { revoked, refused, state } = run;
  const left = Number(refused) > 0 ? ` ${refused} were left: you may not revoke them.` : '';
  const end = state === 'stopped' ? ' It was stopped.' : '';
  done(output, `${revoked} tokens are revoked.${left}${end}`, run);
}

const queryOf = (query: Readonly<Record<string, unknown>>): string =>
  new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  ).toString();

async function revokeOne({ api, output }: Session, id: string): Promise<void> {
  await api.delete(pathOf(id));
  done(output, `${id} is revoked.`, { id, revoked: true });
}

async function revokeGrant({ api, output }: Session, id: string): Promise<void> {
  await api.delete(`/grants/${encodeURIComponent(id)}`);
  done(output, `The login ${id} and its tokens are revoked.`, { grant_id: id, revoked: true });
}

async function revokeOfClient(
  { api, output, confirm }: Session,
  client: string,
  options: { yes?: boolean },
): Promise<void> {
  await confirm(`Revoke all tokens of the client ${client}?`, options);
  await api.delete(`/clients/${encodeURIComponent(client)}/tokens`);
  done(output, `All tokens of ${client} are revoked.`, { client_id: client, revoked: true });
}

async function revokeOfAccount(
  { api, output, confirm }: Session,
  account: string,
  options: { yes?: boolean },
): Promise<void> {
  const { id, name } = await findAccount(api, account);
  await confirm(`Revoke all tokens of ${name} (${account})?`, options);
  await api.delete(`${pathOfAccount(id)}/tokens`);
  done(output, `All tokens of ${account} are revoked.`, { account_id: id, revoked: true });
}

async function revokeOfIssuer(
  { api, output, confirm }: Session,
  issuer: string,
  options: { yes?: boolean },
): Promise<void> {
  await confirm(`Revoke all tokens that were issued for tokens of ${issuer}?`, options);
  await api.delete(`/trusted-issuers/${encodeURIComponent(issuer)}/tokens`);
  done(output, `All tokens of ${issuer} are revoked.`, { issuer_id: issuer, revoked: true });
}

async function revokeOfSubject(
  { api, output, confirm }: Session,
  subject: Subject,
  { client, ...options }: { client?: string; yes?: boolean },
): Promise<void> {
  const name = `${subject.type}:${subject.id}`;
  const of = client === undefined ? '' : ` that ${client} created`;
  await confirm(`Revoke all API tokens for ${name}${of}?`, options);
  const { revoked } = await api.post('/tokens/revoke', { subject, client_id: client });
  done(output, `${revoked === 1 ? '1 token is' : `${revoked} tokens are`} revoked.`, {
    subject,
    revoked,
  });
}

const addTokenOptions = (command: Command): Command =>
  command
    .option('--attribute <key=value>', 'a text that introspection returns (repeatable)', attribute)
    .option(
      '--attributes <json>',
      'all attributes that introspection returns, as JSON',
      json('{…}', isObject),
    )
    .option(
      '--expires <time>',
      'when it expires: 30d, 2027-01-31, 2027-01-31T08:30Z, never',
      (value) => end(value, new Date()),
    );

/** The options, with the attributes put together and `never` as null. */
const asGiven = <Options extends Attributes & { expires?: string }>(
  options: Options,
  attributes?: unknown,
) => ({
  ...options,
  attributes: attributesIn(options, attributes),
  expires: orNull(options.expires),
});

/** The attributes that options set: undefined if none, all of them, or single ones added to the current ones. */
function attributesIn(
  { attribute, attributes }: Attributes,
  current: unknown = {},
): Json | undefined {
  if (attribute && attributes)
    throw new WrongUsage(
      'Use --attribute for single attributes or --attributes for all, not both.',
    );
  return attribute ? { ...(current as Json | null), ...attribute } : attributes;
}

function attribute(value: string, earlier: Json = {}): Json {
  const [, name, text] = /^([^=]+)=(.*)$/s.exec(value) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Expected KEY=VALUE.');
  return { ...earlier, [name]: text };
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parses an option that is JSON of a certain shape. */
const json =
  (shape: string, fits: (value: unknown) => boolean) =>
  (text: string): unknown => {
    let value: unknown;
    try {
      value = parseJson(text);
    } catch (error) {
      // A number that would lose digits, or a duplicate name: the server could not notice.
      const isJson = error instanceof OAuthError && error.cause === undefined;
      if (isJson) throw new InvalidArgumentError(error.message);
    }
    if (!fits(value)) throw new InvalidArgumentError(`Expected JSON: ${shape}.`);
    return value;
  };

/** Parses a subject of another system, `user:42`, or a type of subjects, `user`. */
function subject(value: string): Subject {
  const [, type, id] = /^([^:]+)(?::(.+))?$/s.exec(value) ?? [];
  if (type === undefined) throw new InvalidArgumentError('Expected TYPE:ID, such as user:42.');
  return id === undefined ? { type } : { type, id };
}

function wholeSubject(value: string): Subject {
  const found = subject(value);
  if (found.id === undefined) throw new InvalidArgumentError('Expected TYPE:ID, such as user:42.');
  return found;
}

/** Clients of apps are also accepted as `app~client`. */
const clientId = (value: string): string => value.replace('~', ':');

/** Who a token is for: its account or subject, else its client. */
function ownerOf(token: Json): unknown {
  const { type, id } = (token['subject'] ?? {}) as Json;
  return token['account_id'] ?? (type === undefined ? token['client_id'] : `${type}:${id}`);
}

const pathOf = (id: string) => `/tokens/${encodeURIComponent(id)}`;
