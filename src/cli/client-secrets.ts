import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { WrongUsage } from './failure.ts';
import { readGiven } from './given-files.ts';
import { type Column, done, type Output, show, table } from './output.ts';
import type { Runner } from './runner.ts';

/** `writ clients secrets`: several may live at once, so that one can be replaced without a pause. */
export function secretCommands(clients: Command, run: Runner): void {
  const secrets = clients.command('secrets').description('its secrets; several may live at once');

  secrets
    .command('add <client_id>')
    .description('create a secret, or import one')
    .option('--hash <hash>', 'an argon2 or bcrypt hash of the secret')
    .option('--value-from <file>', 'a file that holds the secret itself ("-": standard input)')
    .option('--expires <time>', 'when it ends, such as 2027-01-31T00:00:00Z')
    .addHelpText(
      'after',
      `
Examples:
  writ clients secrets add demo --expires 2027-01-31T00:00:00Z
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
            throw new WrongUsage('Give the secret or its hash: --value-from or --hash, not both.');
          const value = options.valueFrom && (await readSecret(options.valueFrom));
          const secret = await api.make(secretsOf(clientId), {
            hash: options.hash,
            value,
            expires_at: options.expires,
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
    .description('end a secret; tokens stay')
    .option(...endTokens)
    .action(
      run(async ({ api, output }, clientId: string, secretId: string, options: Ending) => {
        await api.delete(secretPath(secretsOf(clientId), secretId, options));
        done(output, endedSecret(secretId, clientId, options), { id: secretId, revoked: true });
      }),
    );
}

/** A secret that was made is told once; nobody can look it up later. */
export function printSecretNotice(output: Output, secret: unknown, what = 'secret'): void {
  if (!output.json && secret) output.write(`\nKeep the ${what} now: it is not shown again.\n`);
}

/** The column with the person who created a secret or an API key. */
export const createdBy: Column = {
  title: 'created_by',
  of: ({ created_by: by }) => {
    const { id, name } = (by ?? {}) as { id?: string; name?: string };
    return name || id;
  },
};

/** What ends together with a secret. */
export interface Ending {
  endTokens?: boolean;
}

export const endTokens = [
  '--end-tokens',
  'its access and refresh tokens too: others may know the secret',
] as const;

/** The path that ends a secret among those at `secrets`. */
export const secretPath = (secrets: string, id: string, { endTokens: too }: Ending): string =>
  `${secrets}/${encodeURIComponent(id)}${too ? '?end_tokens=true' : ''}`;

export const endedSecret = (id: string, client: string, { endTokens: too }: Ending): string =>
  `The secret ${id} of ${client} has ended${too ? ', and so have the access and refresh tokens of the client' : ''}.`;

const secretsOf = (clientId: string) => `/clients/${encodeURIComponent(clientId)}/secrets`;

/** The last line break is the editor's, and no part of the secret. */
export async function readSecret(file: string): Promise<string> {
  const content = file === '-' ? await text(process.stdin) : await readGiven(file);
  return content.replace(/\r?\n$/, '');
}
