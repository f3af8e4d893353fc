import type { Command } from 'commander';
import { pathOfApp } from './app-paths.ts';
import { collect, length } from './arguments.ts';
import { printSecretNotice } from './client-secrets.ts';
import { commandName } from './command-name.ts';
import { done, show, table } from './output.ts';
import type { Runner } from './runner.ts';

interface Options {
  uses?: string;
  expires?: number;
  resource?: string[];
}

/** `writ apps initial-access-tokens`: with one, a program registers clients of an app. */
export function appInitialAccessTokenCommands(apps: Command, run: Runner): void {
  const tokens = apps
    .command('initial-access-tokens')
    .description('tokens with which programs register clients of the app (RFC 7591)');

  tokens
    .command('create <app> <name>')
    .description('create a token; its name says what it is for')
    .requiredOption('--role <role>', 'the role of its clients in the app')
    .option('--uses <number>', 'clients that can be registered with it (default: 1)')
    .option('--expires <time>', 'when it expires: 1h, 30d (default: 7d)', length)
    .addHelpText(
      'after',
      `
Example:
  writ apps initial-access-tokens create acme Deployment --role Reader --uses 10`,
    )
    .action(
      run(
        async (
          { api, output },
          app: string,
          name: string,
          { role, uses, expires }: Options & { role: string },
        ) => {
          const created = await api.create(pathOfApp(app, 'initial-access-tokens'), {
            name,
            role,
            max_uses: uses === undefined ? undefined : Number(uses),
            lifetime: expires,
          });
          show(output, created);
          printSecretNotice(output, created['initial_access_token'], 'token');
        },
      ),
    );

  tokens
    .command('list <app>')
    .description('those that have not expired')
    .action(
      run(async ({ api, output }, app: string) =>
        table(output, await api.list(pathOfApp(app, 'initial-access-tokens')), {
          columns: ['id', 'name', 'hint', 'role', 'uses', 'max_uses', 'expires_at'],
          empty: `${app} has no initial access tokens.`,
        }),
      ),
    );

  tokens
    .command('revoke <app> <id>')
    .description('revoke a token; clients that were registered with it stay')
    .action(
      run(async ({ api, output }, app: string, id: string) => {
        await api.delete(pathOfApp(app, 'initial-access-tokens', id));
        done(output, `The initial access token ${id} is revoked.`, { id, revoked: true });
      }),
    );
}

/** `writ initial-access-tokens`: with one, a program registers clients at /connect/register. */
export function initialAccessTokenCommands(program: Command, run: Runner): void {
  const tokens = program
    .command('initial-access-tokens')
    .description('tokens with which programs register clients (RFC 7591)');

  tokens
    .command('create <name>')
    .description('create a token; its name says what it is for')
    .option('--uses <number>', 'clients that can be registered with it (default: 1)')
    .option('--expires <time>', 'when it expires: 1h, 30d (default: 7d)', length)
    .option('--resource <identifier>', 'a resource that its clients can use', collect)
    .addHelpText(
      'after',
      `
Example:
  writ initial-access-tokens create "Deployment" --uses 10 --expires 30d`,
    )
    .action(
      run(async ({ api, output }, name: string, { uses, expires, resource }: Options) => {
        const created = await api.create('/initial-access-tokens', {
          name,
          max_uses: uses === undefined ? undefined : Number(uses),
          lifetime: expires,
          resources: resource,
        });
        show(output, created);
        printSecretNotice(output, created['initial_access_token'], 'token');
      }),
    );

  tokens
    .command('list')
    .description('those that have not expired')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/initial-access-tokens'), {
          columns: ['id', 'name', 'hint', 'uses', 'max_uses', 'resources', 'app', 'expires_at'],
          empty: `There are no initial access tokens. Create one: ${commandName} initial-access-tokens create NAME`,
        }),
      ),
    );

  tokens
    .command('revoke <id>')
    .description('revoke a token; clients that were registered with it stay')
    .action(
      run(async ({ api, output }, id: string) => {
        await api.delete(`/initial-access-tokens/${encodeURIComponent(id)}`);
        done(output, `The initial access token ${id} is revoked.`, { id, revoked: true });
      }),
    );
}
