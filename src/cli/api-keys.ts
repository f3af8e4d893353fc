import type { Command } from 'commander';
import { anyClient } from './app-paths.ts';
import { collect, end, lengthOrZero, orNull } from './arguments.ts';
import { createdBy, printSecretNotice } from './client-secrets.ts';
import { requireSomething } from './edits.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

interface OfClient {
  client: ReturnType<typeof anyClient>;
}

interface Expiry {
  expires?: string;
}

/** `writ api-keys`: with what the backends of clients make tokens over the API. */
export function apiKeyCommands(program: Command, run: Runner): void {
  const keys = program
    .command('api-keys')
    .description('with what backends make tokens for users of their own');

  const command = (usage: string) =>
    keys
      .command(usage)
      .requiredOption('--client <client_id>', 'whose it is, such as acme:default', anyClient);

  withExpiry(command('create'))
    .description('make an API key; it is shown this once')
    .requiredOption('--name <name>', 'what people call it')
    .option('--scope <scope>', 'tokens:read or tokens:write (default: both)', collect)
    .addHelpText(
      'after',
      `
It opens the tokens that the keys of its client made, and nothing else.
Without --expires it ends in 90 days.
Examples:
  writ api-keys create --client acme:default --name billing
  writ api-keys create --client backend --name reports --scope tokens:read --expires never`,
    )
    .action(
      run(
        async (
          { api, output },
          { client, name, scope, expires }: OfClient & Expiry & { name: string; scope?: string[] },
        ) => {
          const { id, api_key, ...rest } = await api.make(keysOf(client), {
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
    .description('the API keys of a client, by their last characters')
    .action(
      run(async ({ api, output }, { client }: OfClient) =>
        table(output, await api.list(keysOf(client)), {
          columns: ['id', 'name', 'hint', 'state', createdBy, 'expires_at', 'last_used_at'],
          empty: `${client.id} has no API keys. Make one with "writ api-keys create".`,
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
    .description('give it another name, or another end')
    .option('--name <name>', 'what people call it')
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
    .description('give it a new value, under a new id; it is shown this once')
    .option(
      '--overlap <time>',
      'how long the old one works on: 0, 1h, 1d or 7d (default: 0)',
      lengthOrZero,
    )
    .addHelpText(
      'after',
      `
Without --expires the new one lives as long as the old one was made for.
Example:
  writ api-keys regenerate tok_0lw1bw50EJ8M2WgHIL5XmUDsW --client acme:default --overlap 1d`,
    )
    .action(
      run(
        async (
          { api, output },
          old: string,
          { client, overlap, expires }: OfClient & Expiry & { overlap?: number },
        ) => {
          const { id, api_key, ...rest } = await api.make(`${pathOf(client, old)}/regenerate`, {
            overlap_seconds: overlap,
            expires_at: orNull(expires),
          });
          show(output, { id, api_key, ...rest });
          printSecretNotice(output, api_key, 'key');
        },
      ),
    );

  command('delete <id>')
    .description('end it; the tokens that it made stay')
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
          done(output, `The API key ${id} of ${client.id} has ended.`, { id, deleted: true });
        },
      ),
    );
}

const withExpiry = (command: Command): Command =>
  command.option(
    '--expires <time>',
    'when it ends: 90d, 2027-01-31, 2027-01-31T08:30Z, never',
    (value) => end(value, new Date()),
  );

const keysOf = ({ path }: OfClient['client']) => `${path}/api-keys`;

const pathOf = (client: OfClient['client'], id: string) =>
  `${keysOf(client)}/${encodeURIComponent(id)}`;
