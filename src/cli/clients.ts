import type { Command } from 'commander';
import {
  addClientOptions,
  clientFields,
  deviceGrants,
  readKeys,
  withResponseTypes,
} from './client-options.ts';
import { printSecretNotice, secretCommands } from './client-secrets.ts';
import { addEditOptions, changesOf, type Edits, fieldsOf, requireSomething } from './edits.ts';
import { WrongUsage } from './failure.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

/** `writ clients`: those who may ask for tokens, and their secrets. */
export function clientCommands(program: Command, run: Runner): void {
  const clients = program.command('clients').description('those who may ask for tokens');

  addClientOptions(clients.command('create'))
    .argument('[client_id]', 'made up where it is left out')
    .description('make a client; its secret is shown this once')
    .option('--public', 'it has no secret')
    .option('--device', 'people log it in by a code: a command line, a television')
    .addHelpText(
      'after',
      `
What can be several comes several times: --role reader --role editor
Examples:
  writ clients create demo --role reader --json
  writ clients create api --resource-server-for https://api.example.com
  writ clients create my-cli --device`,
    )
    .action(
      run(
        async (
          { api, output },
          clientId: string | undefined,
          options: { public?: boolean; device?: boolean; jwks?: string; grant?: string[] },
        ) => {
          const isPublicClient = options.public || options.device;
          if (isPublicClient && options.jwks)
            throw new WrongUsage(
              'A public client has no keys: give --public or --device, or --jwks, not both.',
            );
          const grant = options.device
            ? [...new Set([...deviceGrants, ...(options.grant ?? [])])]
            : options.grant;
          const { client_id, client_secret, ...rest } = await api.make('/clients', {
            client_id: clientId,
            ...withResponseTypes(fieldsOf(clientFields, { ...options, grant })),
            ...(isPublicClient && { token_endpoint_auth_method: 'none' }),
            ...(options.jwks && { token_endpoint_auth_method: 'private_key_jwt' }),
            ...(await readKeys(options.jwks)),
          });
          const secret = client_secret !== undefined && { client_secret };
          show(output, { client_id, ...secret, ...rest });
          printSecretNotice(output, client_secret);
        },
      ),
    );

  addEditOptions(addClientOptions(clients.command('update <client_id>')), clientFields)
    .description('change a client; an option replaces what was there')
    .addHelpText(
      'after',
      `
Examples:
  writ clients update demo --add role=editor --remove role=reader
  writ clients update demo --access-token-ttl 3600 --clear name`,
    )
    .action(
      run(async ({ api, output }, clientId: string, options: Edits & { jwks?: string }) => {
        requireSomething(options);
        const keys = await readKeys(options.jwks);
        show(
          output,
          await api.update(pathOf(clientId), (current) => ({
            ...withResponseTypes(changesOf(clientFields, options, current)),
            ...keys,
          })),
        );
      }),
    );

  clients
    .command('list')
    .description('all clients')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/clients'), {
          columns: ['client_id', 'client_name', 'roles', 'grant_types', 'disabled_at'],
          empty: 'There are no clients. Make one with "writ clients create".',
        }),
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
    .description('end it for good; nobody can have its id again')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, clientId: string, options: { yes?: boolean }) => {
        await confirm(`Delete the client ${clientId} and end its tokens?`, options);
        await api.delete(pathOf(clientId));
        done(output, `${clientId} is deleted; its tokens have ended.`, {
          client_id: clientId,
          deleted: true,
        });
      }),
    );

  secretCommands(clients, run);
}

const pathOf = (clientId: string) => `/clients/${encodeURIComponent(clientId)}`;
