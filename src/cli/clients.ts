import type { Command } from 'commander';
import { reservedClientIdPrefix } from '../../config/clients.ts';
import { type AgentOptions, agentField, agentNow } from './agent-options.ts';
import type { Json } from './api-client.ts';
import {
  addClientOptions,
  certificateMethodOf,
  clientFields,
  confirmTightening,
  deviceGrants,
  readKeys,
  type TighteningOptions,
  tighteningOption,
  withResponseTypes,
} from './client-options.ts';
import { printSecretNotice, secretCommands } from './client-secrets.ts';
import { commandName } from './command-name.ts';
import { addEditOptions, changesOf, type Edits, fieldsOf, requireSomething } from './edits.ts';
import { WrongUsage } from './failure.ts';
import { nameOfGrant } from './grant-names.ts';
import { clean } from './http.ts';
import { done, type Output, show, table } from './output.ts';
import { askFirst, type Runner, type Session } from './runner.ts';
import { issuerAt } from './server-issuer.ts';
import { shellWord } from './shell-word.ts';

/** `writ clients`: the programs that get tokens, and their secrets. */
export function clientCommands(program: Command, run: Runner): void {
  const clients = program.command('clients').description('the programs that get tokens');

  addClientOptions(clients.command('create'))
    .argument('[client_id]', 'generated if left out')
    .description('create a client; its secret is shown only once')
    .option('--public', 'a client without a secret')
    .option('--device', 'people log it in with a code: a command line, a TV')
    .option('--trusted-issuer', 'it has no secret: a rule of a trusted issuer says who it is')
    .option('--self-signed', 'it has a certificate of its own, in --jwks (RFC 8705)')
    .option('--native', 'a phone or desktop app, or a website on localhost')
    .addHelpText(
      'after',
      `
For several values repeat the option: --role reader --role editor
Examples:
  writ clients create demo --role reader --json
  writ clients create api --resource-server-for https://api.example.com
  writ clients create my-cli --device
  writ clients create backend --certificate-subject CN=backend,O=Acme
  writ clients create sorter --agent "Sorts invoices." --tokens-per-hour 100
  writ clients create my-spa --public --native --grant authorization_code \\
    --redirect-uri http://localhost:3000/callback`,
    )
    .action(
      run(
        async (
          { api, output },
          clientId: string | undefined,
          options: {
            public?: boolean;
            device?: boolean;
            native?: boolean;
            jwks?: string;
            trustedIssuer?: boolean;
            selfSigned?: boolean;
            [option: string]: unknown;
            grant?: string[];
          } & AgentOptions,
        ) => {
          const isPublicClient = options.public || options.device;
          if (isPublicClient && options.jwks)
            throw new WrongUsage(
              'A public client has no keys: use --jwks, or --public or --device, not both.',
            );
          if (options.trustedIssuer && (isPublicClient || options.jwks))
            throw new WrongUsage(
              'Use --trusted-issuer, or --jwks, --public or --device, not both.',
            );
          const grant = options.device
            ? [...new Set([...deviceGrants, ...(options.grant ?? [])])]
            : options.grant;
          const byCertificate = certificateMethodOf(options);
          if (byCertificate && (isPublicClient || options.trustedIssuer))
            throw new WrongUsage(
              'Use a certificate, or --trusted-issuer, --public or --device, not both.',
            );
          const { client_id, client_secret, ...rest } = await api.create('/clients', {
            client_id: clientId,
            ...withResponseTypes(fieldsOf(clientFields, { ...options, grant })),
            ...(options.native && { application_type: 'native' }),
            ...(isPublicClient && { token_endpoint_auth_method: 'none' }),
            ...(options.jwks && { token_endpoint_auth_method: 'private_key_jwt' }),
            ...(options.trustedIssuer && { token_endpoint_auth_method: 'trusted_issuer' }),
            ...(byCertificate && { token_endpoint_auth_method: byCertificate }),
            ...(await readKeys(options.jwks)),
            agent: await agentField(api, options),
          });
          const secret = client_secret !== undefined && { client_secret };
          showClient(output, { client_id, ...secret, ...rest });
          printSecretNotice(output, client_secret);
          await printApiSettings({ api, output }, { client_id, client_secret, ...rest });
        },
      ),
    );

  addEditOptions(addClientOptions(clients.command('update <client_id>')), clientFields)
    .description('change a client; an option replaces the values of its field')
    .option(...tighteningOption)
    .addHelpText(
      'after',
      `
Examples:
  writ clients update demo --add role=editor --remove role=reader
  writ clients update demo --access-token-ttl 3600 --clear name`,
    )
    .action(
      run(
        async (
          session,
          clientId: string,
          options: Edits & TighteningOptions & AgentOptions & { jwks?: string },
        ) => {
          const { yes: _yes, ...edits } = options;
          requireSomething(edits);
          const keys = await readKeys(options.jwks);
          const path = pathOf(clientId);
          await confirmTightening(session, { id: clientId, path }, options);
          const agent = await agentField(
            session.api,
            options,
            await agentNow(session.api, path, options),
          );
          showClient(
            session.output,
            await session.api.update(path, (current) => ({
              ...withResponseTypes(changesOf(clientFields, edits, current)),
              ...keys,
              ...(agent && { agent }),
            })),
          );
        },
      ),
    );

  clients
    .command('list')
    .description('all clients')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/clients'), {
          columns: [
            'client_id',
            { title: 'name', of: ({ client_name: name }) => name },
            'roles',
            { title: 'grants', of: grantsOf },
            { title: 'introspects', of: ({ resource_server_for: resources }) => resources },
            { title: 'state', of: stateOf },
          ],
          empty: `There are no clients. Create one: ${commandName} clients create`,
        }),
      ),
    );

  clients
    .command('show <client_id>')
    .description('one client')
    .action(
      run(async ({ api, output }, clientId: string) =>
        showClient(output, await api.get(pathOf(clientId))),
      ),
    );

  for (const [operation, past, description] of [
    ['disable', 'disabled; its tokens are revoked', 'revoke its tokens, and issue it no new ones'],
    ['enable', 'enabled', 'issue tokens to a disabled client again'],
  ] as const)
    clients
      .command(`${operation} <client_id>`)
      .description(description)
      .action(
        run(async ({ api, output }, clientId: string) =>
          done(
            output,
            `${clientId} is ${past}.`,
            await api.post(`${pathOf(clientId)}/${operation}`),
          ),
        ),
      );

  clients
    .command('delete <client_id>')
    .description('delete it; its ID is never used again')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, clientId: string, options: { yes?: boolean }) => {
        await confirm(`Delete the client ${clientId} and revoke its tokens?`, options);
        await api.delete(pathOf(clientId));
        done(output, `${clientId} is deleted; its tokens are revoked.`, {
          client_id: clientId,
          deleted: true,
        });
      }),
    );

  secretCommands(clients, run);

  clients
    .command('refusals <client_id>')
    .description('why its requests were refused: the last of each kind')
    .action(
      run(async ({ api, output }, clientId: string) =>
        table(output, await api.list(`/clients/${encodeURIComponent(clientId)}/refusals`), {
          columns: ['at', 'error', 'reason', 'address'],
          empty: `No request of ${clientId} was refused in the last 30 days.`,
        }),
      ),
    );
}

/** Prints what the guard of an API is set up with, for a shell, if the new client is the resource server of one API. */
async function printApiSettings(
  { api, output }: Pick<Session, 'api' | 'output'>,
  { client_id: id, client_secret: secret, resource_server_for: resources }: Json,
): Promise<void> {
  if (output.json || !secret || !Array.isArray(resources) || resources.length !== 1) return;
  const issuer = (await issuerAt(api.url)) ?? api.url;
  const line = (settings: Record<string, unknown>) =>
    `  export ${Object.entries(settings)
      .map(([name, value]) => `${name}=${shellWord(clean(String(value)))}`)
      .join(' ')}\n`;
  output.write('\nFor the environment of the API:\n');
  output.write(line({ ISSUER: issuer, RESOURCE: resources[0] }));
  output.write(line({ CLIENT_ID: id, CLIENT_SECRET: secret }));
}

/** On a terminal the grants have the names that `--grant` takes. */
function showClient(output: Output, client: Json): void {
  const grants = client['grant_types'];
  show(
    output,
    output.json || !Array.isArray(grants)
      ? client
      : { ...client, grant_types: grants.map((grant) => nameOfGrant(String(grant))) },
  );
}

/** The clients of Writ itself have reserved IDs. */
const stateOf = ({ client_id: id, disabled_at: at }: Json): string =>
  [
    ...(String(id).startsWith(reservedClientIdPrefix) ? ['built in'] : []),
    ...(at === null ? [] : ['disabled']),
  ].join(', ') || 'active';

/** A table has no room for the refresh token grant, which only goes with another one. */
const grantsOf = ({ grant_types: grants }: Json): string[] =>
  (grants as string[]).map(nameOfGrant).filter((name) => name !== 'refresh_token');

const pathOf = (clientId: string) => `/clients/${encodeURIComponent(clientId)}`;
