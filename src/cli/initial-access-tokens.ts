import type { Command } from 'commander';
import { pathOfApp } from './app-paths.ts';
import { collect, length, wholeNumber } from './arguments.ts';
import { printSecretNotice } from './client-secrets.ts';
import { commandName } from './command-name.ts';
import { done, show, table } from './output.ts';
import type { Runner } from './runner.ts';

interface Options {
  uses?: number;
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
    .option('--uses <number>', 'clients that can be registered with it (default: 1)', (value) =>
      wholeNumber(value),
    )
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
            max_uses: uses,
            lifetime: expires,
          });
          show(output, created);
          printSecretNotice(output, created['initial_access_token'], 'token');
        },
      ),
    );

  listAndRevoke(tokens, run, {
    of: ' <app>',
    columns: ['id', 'name', 'hint', 'role', 'uses', 'max_uses', 'expires_at'],
    pathOf: (app, ...id) => pathOfApp(app ?? '', 'initial-access-tokens', ...id),
    empty: (app) => `${app} has no initial access tokens.`,
  });
}

/** `writ initial-access-tokens`: with one, a program registers clients at /connect/register. */
export function initialAccessTokenCommands(program: Command, run: Runner): void {
  const tokens = program
    .command('initial-access-tokens')
    .description('tokens with which programs register clients (RFC 7591)');

  tokens
    .command('create <name>')
    .description('create a token; its name says what it is for')
    .option('--uses <number>', 'clients that can be registered with it (default: 1)', (value) =>
      wholeNumber(value),
    )
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
          max_uses: uses,
          lifetime: expires,
          resources: resource,
        });
        show(output, created);
        printSecretNotice(output, created['initial_access_token'], 'token');
      }),
    );

  listAndRevoke(tokens, run, {
    of: '',
    columns: ['id', 'name', 'hint', 'uses', 'max_uses', 'resources', 'app', 'expires_at'],
    pathOf: (...id) => ['/initial-access-tokens', ...id.map(encodeURIComponent)].join('/'),
    empty: () =>
      `There are no initial access tokens. Create one: ${commandName} initial-access-tokens create NAME`,
  });
}

interface Place {
  /** The argument that names where they are. */
  of: ' <app>' | '';
  columns: string[];
  /** Takes that argument, if there is one, and the ID of a token. */
  pathOf: (...given: string[]) => string;
  empty: (app?: string) => string;
}

function listAndRevoke(tokens: Command, run: Runner, { of, columns, pathOf, empty }: Place): void {
  const named = (given: unknown[]) => given.filter((each) => typeof each === 'string');

  tokens
    .command(`list${of}`)
    .description('those that have not expired')
    .action(
      run(async ({ api, output }, ...given: unknown[]) => {
        const place = named(given);
        table(output, await api.list(pathOf(...place)), { columns, empty: empty(...place) });
      }),
    );

  tokens
    .command(`revoke${of} <id>`)
    .description('revoke a token; clients that were registered with it stay')
    .action(
      run(async ({ api, output }, ...given: unknown[]) => {
        const names = named(given);
        const id = names.at(-1);
        await api.delete(pathOf(...names));
        done(output, `The initial access token ${id} is revoked.`, { id, revoked: true });
      }),
    );
}
