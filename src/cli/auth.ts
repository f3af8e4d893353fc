import type { Command } from 'commander';
import { urlOf } from '../oauth/issuer.ts';
import { endpoints } from '../oauth/paths.ts';
import { scopeTokens } from '../oauth/scope.ts';
import { clientCredentials, memoryStore, TokenError } from '../sdk/client/index.ts';
import { createApiClient, type Json } from './api-client.ts';
import { commandName } from './command-name.ts';
import { type ConnectionOptions, findTarget, locate } from './context.ts';
import type { Environment } from './environment.ts';
import { Failure, WrongUsage } from './failure.ts';
import { clean, fetchOrFail, request } from './http.ts';
import { printToken, withoutSecrets } from './login.ts';
import { alias, ownApiOf, requireFree, usualAlias } from './logins/alias.ts';
import { findLogin } from './logins/find.ts';
import { issuerOf, serverUrl } from './logins/server.ts';
import { sourceOf } from './logins/source.ts';
import { type Logins, openLogins } from './logins/store.ts';
import type { Login } from './logins/types.ts';
import { done, show, table } from './output.ts';
import { outputOf } from './runner.ts';
import type { Terminal } from './terminal.ts';

/** `writ auth`, `writ whoami` and `writ client-token`: the logins and tokens that this machine has. */
export function authCommands(program: Command, environment: Environment, terminal: Terminal): void {
  const logins = openLogins(environment);
  const outputFor = (command: Command) =>
    outputOf(terminal, command.optsWithGlobals<{ json?: boolean }>().json ?? false);
  const auth = program.command('auth').description('the logins of this machine');

  /** A secret from the environment, from another program, or from the person. Throws WrongUsage. */
  const readSecret = async (variable: string, question: string): Promise<string> => {
    const given =
      environment[variable] ||
      (await terminal.ask?.(question, { isSecret: true })) ||
      (await terminal.input?.());
    const value = given?.trim();
    if (value && !/\s/.test(value)) return value;
    throw new WrongUsage(`Set ${variable}, or write the value to the standard input.`);
  };

  auth
    .command('list')
    .description('the logins, without their tokens')
    .action(async (_options, command: Command) => {
      const [all, chosen] = [await logins.all(), await logins.default()];
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
      const all = name === undefined ? await logins.all() : [await findLogin(name, logins)];
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
    .addHelpText(
      'after',
      `
The server is --url or WRIT_URL. The token is read from WRIT_TOKEN, from the
standard input, or from the terminal, which does not show it.
Example:
  writ --url https://login.acme.com auth add acme < token.txt`,
    )
    .action(async (name: string | undefined, options: { resource?: string }, command: Command) => {
      const issuer = await serverOf(command);
      const { token } = command.optsWithGlobals<ConnectionOptions>();
      const value = token ?? (await readSecret('WRIT_TOKEN', 'Token (not shown): '));
      const resource = options.resource ?? ownApiOf(issuer);
      const about = await request(`${urlOf(issuer, '/api/v1')}/tokens/self`, {
        headers: { authorization: `Bearer ${value}` },
      });
      if (about.status === 401)
        throw new Failure(`${issuer} does not accept this token.`, {
          remedy: 'Is it complete, and a token of this server?',
        });
      const { expires_at, scope } = Object(about.json) as Json;
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
      await requireFree(login, logins);
      await logins.save(login);
      done(outputFor(command), `The token is kept as ${login.alias}.`, withoutSecrets(login));
    });

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

  program
    .command('whoami')
    .description('who a command acts for, and with which scopes')
    .action(async (_options, command: Command) => {
      const { url, tokenFrom, ...target } = await findTarget(
        command.optsWithGlobals<ConnectionOptions>(),
        environment,
      );
      const api = createApiClient({ url, tokenFrom, ...target });
      const self = await api.get('/tokens/self');
      const scopes = scopeTokens(typeof self['scope'] === 'string' ? self['scope'] : undefined);
      const person = scopes.includes('openid')
        ? Object(
            (
              await request(url + endpoints.userinfo, {
                headers: { authorization: `Bearer ${api.token()}` },
              })
            ).json,
          )
        : {};
      show(outputFor(command), {
        server: url,
        person: person.email ?? person.name,
        account_id: person.sub,
        token: self['name'] ?? self['kind'],
        client_id: self['client_id'],
        from: tokenFrom,
        scope: self['scope'],
        expires_at: self['expires_at'],
      });
    });

  program
    .command('client-token')
    .argument('<client_id>', 'such as acme:default')
    .description("print an access token of a client, or keep the client's login")
    .option('--resource <identifier>', 'the API that the token is for')
    .option('--scope <scope>', 'the scopes, separated by spaces')
    .option('--save [alias]', 'keep the client and its secret here; "writ token" renews it')
    .addHelpText(
      'after',
      `
The server is --url or WRIT_URL. The secret is read from WRIT_CLIENT_SECRET,
from the standard input, or from the terminal, which does not show it.
Example:
  writ --url https://login.acme.com client-token acme:default --save`,
    )
    .action(
      async (
        clientId: string,
        { save, ...options }: { resource?: string; scope?: string; save?: string | true },
        command: Command,
      ) => {
        const issuer = await serverOf(command);
        const clientSecret = await readSecret('WRIT_CLIENT_SECRET', 'Client secret (not shown): ');
        const store = memoryStore();
        const source = clientCredentials({
          issuer,
          clientId,
          clientSecret,
          ...options,
          store,
          fetch: fetchOrFail,
        });
        const token = await source.token().catch((error) => {
          if (!(error instanceof TokenError)) throw error;
          throw new Failure(`${issuer} refused a token for ${clientId}: ${clean(error.message)}`, {
            cause: error,
          });
        });
        if (save === undefined) {
          printToken(outputFor(command), token);
          return;
        }
        const tokens = await store.read();
        const login: Login = {
          alias: typeof save === 'string' ? alias(save) : alias(clientId),
          kind: 'client',
          issuer,
          resource: options.resource ?? null,
          client_id: clientId,
          client_secret: clientSecret,
          scope: options.scope ?? null,
          saved_at: Date.now(),
          access_token: token,
          expires_at: tokens?.expiresAt,
          renew_at: tokens?.renewAt,
        };
        await requireFree(login, logins);
        await logins.save(login);
        done(
          outputFor(command),
          `The client is kept as ${login.alias}: ${commandName} token ${login.alias}`,
          withoutSecrets(login),
        );
      },
    );

  /** The issuer of the server that the command names, or that is known here. Throws Failure and WrongUsage. */
  async function serverOf(command: Command): Promise<string> {
    const { url } = command.optsWithGlobals<ConnectionOptions>();
    const known = await locate({ url, token: 'none' }, environment).catch((error) => {
      // Several logins are no choice of a server.
      if (url !== undefined) throw error;
      return undefined;
    });
    if (!known?.url) throw new WrongUsage('Which server? Name it with --url or WRIT_URL.');
    return issuerOf(serverUrl(known.url.value));
  }
}

const apiOf = (issuer: unknown, resource: unknown): string =>
  resource === null ? 'default' : resource === ownApiOf(String(issuer)) ? 'writ' : String(resource);

/** Whether a server accepts a login: `active`, or what is wrong in a sentence. */
async function stateOf(login: Login, logins: Pick<Logins, 'tokensOf'>): Promise<string> {
  try {
    const token = await sourceOf(login, logins).token();
    const { status } = await request(`${urlOf(login.issuer, '/api/v1')}/tokens/self`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return status === 200 ? 'active' : 'not accepted';
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.problem;
  }
}
