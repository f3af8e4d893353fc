import { type Command, Option } from 'commander';
import { type AgentOptions, addAgentOptions, agentField, agentNow } from './agent-options.ts';
import type { Json } from './api-client.ts';
import { type ClientOfApp, clientOfApp, pathOfApp } from './app-paths.ts';
import { collect, length } from './arguments.ts';
import {
  addSecurityOptions,
  addSignInOptions,
  clientUrlFields,
  clientUrlOptions,
  confirmTightening,
  firstPartyField,
  idTokenAlg,
  readKeys,
  securityFields,
  signInFields,
  type TighteningOptions,
  tighteningOption,
} from './client-options.ts';
import {
  createdBy,
  type Ending,
  endedSecret,
  endTokens,
  printSecretNotice,
  secretPath,
} from './client-secrets.ts';
import { commandName } from './command-name.ts';
import {
  addEditOptions,
  changesOf,
  type Edits,
  type Field,
  fieldsOf,
  requireSomething,
} from './edits.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

const fields: Field[] = [
  { option: 'name', name: 'display_name', holds: 'one' },
  { option: 'role', name: 'role', holds: 'one' },
  { option: 'redirect-uri', name: 'redirect_uris', holds: 'list' },
  ...clientUrlFields,
  { option: 'id-token-alg', name: 'id_token_signed_response_alg', holds: 'one' },
  { option: 'access-token-ttl', name: 'access_token_ttl', holds: 'one' },
  { option: 'format', name: 'access_token_format', holds: 'one' },
  ...securityFields,
  ...signInFields,
  { option: 'token-exchange', name: 'token_exchange', holds: 'one' },
];

/** Only an administrator can change whether a client is first-party. */
const updated = [...fields, firstPartyField];

/** What a client of an app always has. */
const required = [
  'name',
  'role',
  'require-pushed-authorization-requests',
  'dpop-bound-access-tokens',
  'require-auth-time',
  'require-second-factor',
  'claims-in-id-token',
  'token-exchange',
];
const editable = fields.filter(({ option }) => !required.includes(option));

const kinds = ['server', 'agent', 'website_with_server', 'website', 'native', 'device'];

/** `writ apps clients` and `writ apps secrets`: the clients of an app. */
export function appClientCommands(apps: Command, run: Runner): void {
  const clients = apps
    .command('clients')
    .description('its clients, each with a role')
    .addHelpText('after', '\nFor their API keys: writ api-keys list --client APP:CLIENT');

  addOptions(withClient(clients.command('create')))
    .description('create a client; its secret, if it has one, is shown only once')
    .requiredOption('--role <role>', 'a role of the app')
    .addOption(
      new Option(
        '--kind <kind>',
        'how it gets tokens (default: server; agent with --agent)',
      ).choices(kinds),
    )
    .addHelpText(
      'after',
      `
Examples:
  writ apps clients create acme:backend --role Editor
  writ apps clients create acme:invoice-agent --role Reader \\
    --agent "Sorts incoming invoices." --token-exchange --tokens-per-hour 100
  writ apps clients create acme:website --role Reader --kind website \\
    --redirect-uri https://www.acme.com/callback`,
    )
    .action(
      run(
        async (
          { api, output },
          { app, name }: ClientOfApp,
          options: { kind?: string; jwks?: string } & AgentOptions,
        ) => {
          const { client_id, client_secret, ...rest } = await api.create(
            pathOfApp(app, 'clients'),
            {
              name,
              kind: options.kind ?? (options.agent === undefined ? 'server' : 'agent'),
              ...fieldsOf(fields, options),
              ...(await readKeys(options.jwks)),
              agent: await agentField(api, options),
            },
          );
          const secret = client_secret !== undefined && { client_secret };
          show(output, { client_id, ...secret, ...rest });
          printSecretNotice(output, client_secret);
        },
      ),
    );

  addEditOptions(addOptions(withClient(clients.command('update'))), editable)
    .description('change a client; an option replaces the values of its field')
    .option('--role <role>', 'a role of the app')
    .option('--first-party', 'people are not asked to allow it (only administrators)')
    .option('--no-first-party', 'people are asked to allow it')
    .option(...tighteningOption)
    .addHelpText('after', '\nExample:\n  writ apps clients update acme:website --role Reader')
    .action(
      run(
        async (
          session,
          { id, path }: ClientOfApp,
          options: Edits & TighteningOptions & AgentOptions & { jwks?: string },
        ) => {
          const { yes: _yes, ...edits } = options;
          requireSomething(edits);
          const keys = await readKeys(options.jwks);
          await confirmTightening(session, { id, path }, options);
          const agent = await agentField(
            session.api,
            options,
            await agentNow(session.api, path, options),
          );
          const change = (current: Json) => ({
            ...changesOf(updated, edits, current),
            ...keys,
            ...(agent && { agent }),
          });
          show(session.output, await session.api.update(path, change));
        },
      ),
    );

  clients
    .command('list <app>')
    .description('all clients of an app')
    .action(
      run(async ({ api, output }, app: string) =>
        table(output, await api.list(pathOfApp(app, 'clients')), {
          columns: ['client_id', 'display_name', 'kind', 'role', 'disabled_at'],
          empty: `${app} has no clients. Create one: ${commandName} apps clients create`,
        }),
      ),
    );

  withClient(clients.command('show'))
    .description('one client')
    .action(
      run(async ({ api, output }, { path }: ClientOfApp) => show(output, await api.get(path))),
    );

  for (const [operation, past, description] of [
    ['disable', 'disabled; its tokens are revoked', 'revoke its tokens, and issue it no new ones'],
    ['enable', 'enabled', 'issue tokens to a disabled client again'],
  ] as const)
    withClient(clients.command(operation))
      .description(description)
      .action(
        run(async ({ api, output }, { id, path }: ClientOfApp) =>
          done(output, `${id} is ${past}.`, await api.post(`${path}/${operation}`)),
        ),
      );

  withClient(clients.command('delete'))
    .description('delete it; its ID is never used again')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, { id, path }: ClientOfApp, options: Confirmation) => {
        await confirm(`Delete the client ${id} and revoke its tokens?`, options);
        await api.delete(path);
        done(output, `${id} is deleted; its tokens are revoked.`, { client_id: id, deleted: true });
      }),
    );

  secretCommands(apps, run);
}

function secretCommands(apps: Command, run: Runner): void {
  const secrets = apps.command('secrets').description('the secrets of its clients');

  withClient(secrets.command('add'))
    .description('create a secret, shown only once')
    .action(
      run(async ({ api, output }, { path }: ClientOfApp) => {
        const secret: Json = await api.create(`${path}/secrets`);
        show(output, secret);
        printSecretNotice(output, secret['client_secret']);
      }),
    );

  withClient(secrets.command('list'))
    .description('its secrets, by last characters')
    .action(
      run(async ({ api, output }, { id, path }: ClientOfApp) =>
        table(output, await api.list(`${path}/secrets`), {
          columns: ['id', 'hint', createdBy, 'created_at', 'expires_at', 'last_used_at'],
          empty: `${id} has no secrets.`,
        }),
      ),
    );

  withClient(secrets.command('revoke'))
    .argument('<secret_id>')
    .description('revoke a secret; tokens stay')
    .option(...endTokens)
    .action(
      run(async ({ api, output }, { id, path }: ClientOfApp, secretId: string, options: Ending) => {
        await api.delete(secretPath(`${path}/secrets`, secretId, options));
        done(output, endedSecret(secretId, id, options), { id: secretId, revoked: true });
      }),
    );
}

interface Confirmation {
  yes?: boolean;
}

const withClient = (command: Command): Command => command.argument('<app:client>', '', clientOfApp);

const addOptions = (command: Command): Command =>
  addSignInOptions(
    addSecurityOptions(addAgentOptions(command))
      .option('--name <name>', 'its name, for people')
      .option('--token-exchange', 'it can exchange tokens of this app’s clients (only Owners)')
      .option('--no-token-exchange', 'it cannot')
      .option('--redirect-uri <uri>', 'where it receives authorization codes (repeatable)', collect)
      .option(...clientUrlOptions.postLogoutRedirectUri, collect)
      .option(...clientUrlOptions.backchannelLogoutUri)
      .option(...clientUrlOptions.frontchannelLogoutUri)
      .option(...clientUrlOptions.initiateLoginUri)
      .addOption(idTokenAlg())
      .option('--access-token-ttl <time>', 'lifetime of its access tokens: 3600, 1h, 30d', length)
      .addOption(
        new Option('--format <format>', 'format of its access tokens').choices(['opaque', 'jwt']),
      ),
  );
