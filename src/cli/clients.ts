import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { Json } from './api-client.ts';
import { Failure, WrongUsage } from './failure.ts';
import { done, show, table } from './output.ts';
import { collect, type Runner, seconds } from './runner.ts';

interface Creation {
  name?: string;
  role?: string[];
  grant?: string[];
  scope?: string[];
  resource?: string[];
  resourceServerFor?: string[];
  redirectUri?: string[];
  accessTokenTtl?: number;
  public?: boolean;
  jwks?: string;
}

/** `writ clients`: those who may ask for tokens, and their secrets. */
export function clientCommands(program: Command, run: Runner): void {
  const clients = program.command('clients').description('those who may ask for tokens');

  clients
    .command('create')
    .argument('[client_id]', 'made up where it is left out')
    .description('make a client; its secret is shown this once')
    .option('--name <name>', 'what people call it')
    .option('--role <role>', 'a role that its tokens carry (may come several times)', collect)
    .option('--grant <grant_type>', 'a grant it may use (default: client_credentials)', collect)
    .option('--scope <scope>', 'a scope it may ask for (default: all of its resources)', collect)
    .option(
      '--resource <identifier>',
      'a resource it may ask tokens for (default: the default one)',
      collect,
    )
    .option(
      '--resource-server-for <identifier>',
      'a resource whose tokens it may introspect',
      collect,
    )
    .option('--redirect-uri <uri>', 'where it receives authorization codes', collect)
    .option('--access-token-ttl <seconds>', 'how long its access tokens live', seconds)
    .option('--public', 'it has no secret: an app on a device or in a browser')
    .option('--jwks <file>', 'it authenticates by private_key_jwt with these public keys')
    .addHelpText(
      'after',
      '\nExamples:\n  writ clients create demo --role reader --json\n  writ clients create api --resource-server-for https://api.example.com',
    )
    .action(
      run(async ({ api, output }, clientId: string | undefined, options: Creation) => {
        if (options.public && options.jwks)
          throw new WrongUsage('A public client has no keys: give --public or --jwks, not both.');
        const created = await api.post('/clients', {
          client_id: clientId,
          client_name: options.name,
          roles: options.role,
          resources: options.resource,
          resource_server_for: options.resourceServerFor,
          grant_types: options.grant,
          scope: options.scope?.join(' '),
          redirect_uris: options.redirectUri,
          ...(options.grant?.includes('authorization_code') && { response_types: ['code'] }),
          access_token_ttl: options.accessTokenTtl,
          ...(options.public && { token_endpoint_auth_method: 'none' }),
          ...(options.jwks && {
            token_endpoint_auth_method: 'private_key_jwt',
            jwks: await readJwks(options.jwks),
          }),
        });
        const { client_id, client_secret, ...rest } = created;
        show(output, { client_id, ...(client_secret !== undefined && { client_secret }), ...rest });
        if (!output.json && client_secret)
          output.write('\nKeep the secret now: it is not shown again.\n');
      }),
    );

  clients
    .command('list')
    .description('all clients')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/clients'), [
          'client_id',
          'client_name',
          'roles',
          'grant_types',
          'disabled_at',
        ]),
      ),
    );

  clients
    .command('show <client_id>')
    .description('one client')
    .action(
      run(async ({ api, output }, clientId: string) =>
        show(output, await api.get(pathOf(clientId))),
      ),
    );

  for (const [operation, past, description] of [
    ['disable', 'disabled; its tokens have ended', 'end its tokens and let it have no more'],
    ['enable', 'enabled', 'let a disabled client have tokens again'],
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
    .description('end it and its tokens; its id is never used again')
    .action(
      run(async ({ api, output }, clientId: string) => {
        await api.delete(pathOf(clientId));
        done(output, `${clientId} is deleted; its tokens have ended.`, {
          client_id: clientId,
          deleted: true,
        });
      }),
    );

  const secrets = clients
    .command('secrets')
    .description('the secrets of a client; several may live at once');

  secrets
    .command('add <client_id>')
    .description('make one more secret, or take one over from elsewhere')
    .option('--hash <hash>', 'an argon2 or bcrypt hash of the secret')
    .option('--value-from <file>', 'a file that holds the secret itself ("-": standard input)')
    .option('--expires <time>', 'when it ends, such as 2027-01-31T00:00:00Z')
    .action(
      run(
        async (
          { api, output },
          clientId: string,
          options: { hash?: string; valueFrom?: string; expires?: string },
        ) => {
          const value = options.valueFrom && (await readSecret(options.valueFrom));
          const secret = await api.post(`${pathOf(clientId)}/secrets`, {
            hash: options.hash,
            value,
            expires_at: options.expires,
          });
          show(output, secret);
          if (!output.json && secret['client_secret'])
            output.write('\nKeep the secret now: it is not shown again.\n');
        },
      ),
    );

  secrets
    .command('list <client_id>')
    .description('its secrets, by their last characters')
    .action(
      run(async ({ api, output }, clientId: string) =>
        table(output, (await api.get(`${pathOf(clientId)}/secrets`))['items'] as Json[], [
          'id',
          'hint',
          'created_at',
          'expires_at',
          'last_used_at',
        ]),
      ),
    );

  secrets
    .command('revoke <client_id> <secret_id>')
    .description('end a secret; tokens that were issued stay')
    .action(
      run(async ({ api, output }, clientId: string, secretId: string) => {
        await api.delete(`${pathOf(clientId)}/secrets/${encodeURIComponent(secretId)}`);
        done(output, `The secret ${secretId} of ${clientId} has ended.`, {
          id: secretId,
          revoked: true,
        });
      }),
    );
}

const pathOf = (clientId: string) => `/clients/${encodeURIComponent(clientId)}`;

/** The last line break is the editor's, and no part of the secret. */
async function readSecret(file: string): Promise<string> {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  return content.replace(/\r?\n$/, '');
}

async function readJwks(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new Failure(`${file} does not hold a JWK Set.`, { cause });
  }
}
