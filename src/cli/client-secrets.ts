import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { end, orNull } from './arguments.ts';
import { WrongUsage } from './failure.ts';
import { readGiven } from './given-files.ts';
import { type Column, done, type Output, show, table } from './output.ts';
import type { Runner } from './runner.ts';

/** `writ clients secrets`: several can be active at once, so one is replaced without downtime. */
export function secretCommands(clients: Command, run: Runner): void {
  const secrets = clients
    .command('secrets')
    .description('its secrets; several can be active at once');

  secrets
    .command('add <client_id>')
    .description('create a secret, or import one')
    .option('--hash <hash>', 'an argon2 or bcrypt hash of the secret')
    .option('--value-from <file>', 'a file with the secret itself ("-": standard input)')
    .option('--expires <time>', 'when it expires: 90d, 2027-01-31, 2027-01-31T08:30Z', (value) =>
      end(value, new Date()),
    )
    .addHelpText(
      'after',
      `
Examples:
  writ clients secrets add demo --expires 90d
  writ clients secrets add demo --value-from - < old-secret.txt`,
    )
    .action(
      run(
        async (
          { api, output },
          clientId: string,
          options: { hash?: string; valueFrom?: string; expires?: string },
        ) => {
          if (options.hash !== undefined && options.valueFrom !== undefined)
            throw new WrongUsage(
              'Use --value-from for the secret or --hash for its hash, not both.',
            );
          const value = options.valueFrom && (await readSecret(options.valueFrom));
          const secret = await api.create(secretsOf(clientId), {
            hash: options.hash,
            value,
            expires_at: orNull(options.expires) ?? undefined,
          });
          show(output, secret);
          printSecretNotice(output, secret['client_secret']);
        },
      ),
    );

  secrets
    .command('list <client_id>')
    .description('its secrets, by last characters')
    .action(
      run(async ({ api, output }, clientId: string) =>
        table(output, await api.list(secretsOf(clientId)), {
          columns: ['id', 'hint', createdBy, 'created_at', 'expires_at', 'last_used_at'],
          empty: `${clientId} has no secrets.`,
        }),
      ),
    );

  secrets
    .command('revoke <client_id> <secret_id>')
    .description('revoke a secret; tokens stay')
    .option(...endTokens)
    .action(
      run(async ({ api, output }, clientId: string, secretId: string, options: Ending) => {
        await api.delete(secretPath(secretsOf(clientId), secretId, options));
        done(output, endedSecret(secretId, clientId, options), { id: secretId, revoked: true });
      }),
    );
}

/** Says that a new secret is shown only once. */
export function printSecretNotice(output: Output, secret: unknown, what = 'secret'): void {
  if (!output.json && secret) output.write(`\nStore the ${what} now: it is not shown again.\n`);
}

/** The column with who created a secret or an API key. */
export const createdBy: Column = {
  title: 'created_by',
  of: ({ created_by: by }) => {
    const { id, name } = (by ?? {}) as { id?: string; name?: string };
    return name || id;
  },
};

/** Options for revoking a secret. */
export interface Ending {
  endTokens?: boolean;
}

export const endTokens = ['--end-tokens', 'revoke its access and refresh tokens too'] as const;

/** The path that revokes a secret of the list at `secrets`. */
export const secretPath = (secrets: string, id: string, { endTokens: too }: Ending): string =>
  `${secrets}/${encodeURIComponent(id)}${too ? '?end_tokens=true' : ''}`;

export const endedSecret = (id: string, client: string, { endTokens: too }: Ending): string =>
  `The secret ${id} of ${client} is revoked${too ? ', with the access and refresh tokens of the client' : ''}.`;

const secretsOf = (clientId: string) => `/clients/${encodeURIComponent(clientId)}/secrets`;

/** A secret from a file or standard input, without the line break that an editor adds. */
export async function readSecret(file: string): Promise<string> {
  const content = file === '-' ? await text(process.stdin) : await readGiven(file);
  return content.replace(/\r?\n$/, '');
}
