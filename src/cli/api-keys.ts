import type { Command } from 'commander';
import { anyClient } from './app-paths.ts';
import { collect, end, lengthOrZero, orNull } from './arguments.ts';
import { createdBy, printSecretNotice } from './client-secrets.ts';
import { commandName } from './command-name.ts';
import { requireSomething } from './edits.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

interface OfClient {
  client: ReturnType<typeof anyClient>;
}

interface Expiry {
  expires?: string;
}

/** `writ api-keys`: keys with which backends create tokens over the API. */
export function apiKeyCommands(program: Command, run: Runner): void {
  const keys = program
    .command('api-keys')
    .description('keys with which backends create tokens for their own users');

  const command = (usage: string) =>
    keys
      .command(usage)
      .requiredOption('--client <client_id>', 'its client, such as acme:default', anyClient);

  withExpiry(command('create'))
    .description('create an API key; it is shown only once')
    .requiredOption('--name <name>', 'its name, for people')
    .option('--scope <scope>', 'tokens:read or tokens:write (default: both)', collect)
    .addHelpText(
      'after',
      `
It gives access to tokens that API keys of its client created, and nothing else.
Without --expires it expires in 90 days.
Examples:
  writ api-keys create --client acme:default --name billing
  writ api-keys create --client backend --name reports --scope tokens:read`,
    )
    .action(
      run(
        async (
          { api, output },
          { client, name, scope, expires }: OfClient & Expiry & { name: string; scope?: string[] },
        ) => {
          const { id, api_key, ...rest } = await api.create(keysOf(client), {
            name,
            scope: scope?.join(' '),
            expires_at: orNull(expires),
          });
          show(output, { id, api_key, ...rest });
          printSecretNotice(output, api_key, 'key');
        },
      ),
    );

  command('list')
    .description('the API keys of a client, with their last characters')
    .action(
      run(async ({ api, output }, { client }: OfClient) =>
        table(output, await api.list(keysOf(client)), {
          columns: ['id', 'name', 'hint', 'state', createdBy, 'expires_at', 'last_used_at'],
          empty: `${client.id} has no API keys. Create one: ${commandName} api-keys create --client ${client.id}`,
          style: ({ state }) => (state === 'active' ? undefined : 'dim'),
        }),
      ),
    );

  command('show <id>')
    .description('one API key, without its value')
    .action(
      run(async ({ api, output }, id: string, { client }: OfClient) =>
        show(output, await api.get(pathOf(client, id))),
      ),
    );

  withExpiry(command('update <id>'))
    .description('rename it, or change when it expires')
    .option('--name <name>', 'its name, for people')
    .action(
      run(
        async (
          { api, output },
          id: string,
          { client, name, expires }: OfClient & Expiry & { name?: string },
        ) => {
          const changes = {
            ...(name !== undefined && { name }),
            ...(expires !== undefined && { expires_at: orNull(expires) }),
          };
          requireSomething(changes);
          show(output, await api.update(pathOf(client, id), () => changes));
        },
      ),
    );

  withExpiry(command('regenerate <id>'))
    .description('give it a new value and a new ID; the value is shown only once')
    .option(
      '--overlap <time>',
      'how long the old one stays active: 0, 1h, 1d or 7d (default: 0)',
      lengthOrZero,
    )
    .addHelpText(
      'after',
      `
Without --expires the new one gets the lifetime of the old one.
Example:
  writ api-keys regenerate tok_0lw1bw50EJ8M2WgHIL5XmUDsW \\
    --client acme:default --overlap 1d`,
    )
    .action(
      run(
        async (
          { api, output },
          old: string,
          { client, overlap, expires }: OfClient & Expiry & { overlap?: number },
        ) => {
          const { id, api_key, ...rest } = await api.create(`${pathOf(client, old)}/regenerate`, {
            overlap_seconds: overlap,
            expires_at: orNull(expires),
          });
          show(output, { id, api_key, ...rest });
          printSecretNotice(output, api_key, 'key');
        },
      ),
    );

  command('delete <id>')
    .description('delete it; the tokens that it created stay active')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(
        async (
          { api, output, confirm },
          id: string,
          { client, ...options }: OfClient & { yes?: boolean },
        ) => {
          await confirm(`Delete the API key ${id} of ${client.id}?`, options);
          await api.delete(pathOf(client, id));
          done(output, `The API key ${id} of ${client.id} is deleted.`, { id, deleted: true });
        },
      ),
    );
}

const withExpiry = (command: Command): Command =>
  command.option(
    '--expires <time>',
    'when it expires: 90d, 2027-01-31, 2027-01-31T08:30Z, never',
    (value) => end(value, new Date()),
  );

const keysOf = ({ path }: OfClient['client']) => `${path}/api-keys`;

const pathOf = (client: OfClient['client'], id: string) =>
  `${keysOf(client)}/${encodeURIComponent(id)}`;
