import type { Command } from 'commander';
import { urlOf } from '../oauth/issuer.ts';
import { createApiClient, type Json } from './api-client.ts';
import { commandName } from './command-name.ts';
import type { ConnectionOptions } from './context.ts';
import type { Environment } from './environment.ts';
import { Failure } from './failure.ts';
import { alias, ownApiOf, replacedBy, usualAlias } from './logins/alias.ts';
import { findLogin } from './logins/find.ts';
import {
  type KeyringOption,
  keyringOption,
  namedIssuer,
  noKeyringOption,
  readSecret,
} from './logins/given.ts';
import { withoutSecrets } from './logins/shown.ts';
import { sourceOf } from './logins/source.ts';
import { type Logins, openLogins } from './logins/store.ts';
import { isSealed, type Login, type SavedLogin } from './logins/types.ts';
import { done, table } from './output.ts';
import { outputOf } from './runner.ts';
import type { Terminal } from './terminal.ts';

/** `writ auth`: the logins and tokens that this machine has. */
export function authCommands(program: Command, environment: Environment, terminal: Terminal): void {
  const logins = openLogins(environment);
  const outputFor = (command: Command) =>
    outputOf(terminal, command.optsWithGlobals<{ json?: boolean }>().json ?? false);
  const auth = program.command('auth').description('the logins of this machine');

  auth
    .command('list')
    .description('the logins, without their tokens')
    .action(async (_options, command: Command) => {
      const { logins: all, default: chosen } = await logins.read();
      table(
        outputFor(command),
        all.map((login) => ({ ...withoutSecrets(login), default: login.alias === chosen })),
        {
          columns: [
            {
              title: 'alias',
              of: ({ alias, default: isDefault }) => (isDefault ? `${alias} *` : alias),
            },
            { title: 'server', of: ({ issuer }) => issuer },
            { title: 'API', of: ({ issuer, resource }) => apiOf(issuer, resource) },
            {
              title: 'as',
              of: ({ person, client_id, kind }) =>
                kind === 'token' ? 'a token' : (person ?? client_id),
            },
            ...(all.some(isSealed)
              ? [
                  {
                    title: 'kept in',
                    of: ({ keyring }: Json) => (keyring ? 'keyring' : 'file'),
                  },
                ]
              : []),
          ],
          empty: `There are no logins. Log in: ${commandName} login URL`,
        },
      );
    });

  auth
    .command('status')
    .argument('[alias]', 'one login (default: all)')
    .description('whether the logins still work, asked of their servers')
    .action(async (name: string | undefined, _options, command: Command) => {
      const all =
        name === undefined ? (await logins.read()).logins : [await findLogin(name, logins)];
      const found = await Promise.all(
        all.map(async (login) => ({
          ...withoutSecrets(login),
          state: await stateOf(login, logins),
        })),
      );
      table(outputFor(command), found, {
        columns: ['alias', { title: 'server', of: ({ issuer }) => issuer }, 'state'],
        empty: `There are no logins. Log in: ${commandName} login URL`,
      });
      if (found.some(({ state }) => state !== 'active'))
        throw new Failure('Not every login works.', {
          remedy: `Log in again: ${commandName} login ALIAS`,
        });
    });

  auth
    .command('add')
    .argument('[alias]', 'its name (default: the host)')
    .description('keep a token that you have, such as a personal access token')
    .option('--resource <identifier>', 'the API that it is for (default: that of writ itself)')
    .addOption(keyringOption)
    .addOption(noKeyringOption)
    .addHelpText(
      'after',
      `
The server is --url or WRIT_URL. The token is read from WRIT_TOKEN, from the
standard input, or from the terminal, which does not show it.
Example:
  writ --url https://login.acme.com auth add acme < token.txt`,
    )
    .action(
      async (
        name: string | undefined,
        options: { resource?: string } & KeyringOption,
        command: Command,
      ) => {
        const issuer = await namedIssuer(command, environment);
        const { token } = command.optsWithGlobals<ConnectionOptions>();
        const value =
          token ??
          (await readSecret('WRIT_TOKEN', 'Token (not shown): ', { environment, terminal }));
        const resource = options.resource ?? ownApiOf(issuer);
        const { expires_at, scope } = await createApiClient({
          url: urlOf(issuer, ''),
          token: value,
          tokenFrom: 'this token',
          tokenRemedy: 'Is it complete, and a token of this server?',
        }).get('/tokens/self');
        const login: Login = {
          alias: name === undefined ? usualAlias(issuer, resource) : alias(name),
          kind: 'token',
          issuer,
          resource,
          client_id: null,
          scope: typeof scope === 'string' ? scope : null,
          saved_at: Date.now(),
          access_token: value,
          ...(typeof expires_at === 'string' && { expires_at: Date.parse(expires_at) }),
        };
        await replacedBy(login, logins);
        await logins.save(login, { sealed: options.keyring });
        done(outputFor(command), `The token is kept as ${login.alias}.`, withoutSecrets(login));
      },
    );

  auth
    .command('remove <alias>')
    .description('forget a login; it stays active at its server')
    .action(async (name: string, _options, command: Command) => {
      const login = await findLogin(name, logins);
      await logins.remove(login.alias);
      done(
        outputFor(command),
        login.kind === 'token'
          ? `Forgot ${login.alias}. The token stays active at ${login.issuer}.`
          : `Forgot ${login.alias}. It stays active at ${login.issuer}; "${commandName} logout" would have ended it.`,
        { alias: login.alias },
      );
    });

  auth
    .command('default <alias>')
    .description('choose the login of commands that name none')
    .action(async (name: string, _options, command: Command) => {
      const login = await findLogin(name, logins);
      await logins.setDefault(login.alias);
      done(outputFor(command), `Commands use ${login.alias} if they name no other.`, {
        alias: login.alias,
      });
    });
}

const apiOf = (issuer: unknown, resource: unknown): string =>
  resource === null ? 'default' : resource === ownApiOf(String(issuer)) ? 'writ' : String(resource);

/** Whether a server accepts a login: `active`, or what is wrong in a sentence. */
async function stateOf(
  login: SavedLogin,
  logins: Pick<Logins, 'opened' | 'tokensOf'>,
): Promise<string> {
  try {
    const token = await sourceOf(await logins.opened(login), logins).token();
    const { alias: name, issuer } = login;
    await createApiClient({
      url: urlOf(issuer, ''),
      token,
      tokenFrom: `the login ${name}`,
      tokenRemedy: '',
    }).get('/tokens/self');
    return 'active';
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.problem;
  }
}
