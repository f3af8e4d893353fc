import type { Command } from 'commander';
import { commandLineApiClientId, commandLineClientId } from '../../config/clients.ts';
import { scopeTokens } from '../oauth/scope.ts';
import { deviceLogin, revoke, TokenError, type Tokens } from '../sdk/client/index.ts';
import { collect } from './arguments.ts';
import { commandName } from './command-name.ts';
import type { Environment } from './environment.ts';
import { Failure, WrongUsage } from './failure.ts';
import { clean, fetchOrFail } from './http.ts';
import { alias, ownApiOf, replacedBy, usualAlias } from './logins/alias.ts';
import { openBrowser } from './logins/browser.ts';
import { findLogin } from './logins/find.ts';
import { type KeyringOption, keyringOption, noKeyringOption } from './logins/given.ts';
import { personOf } from './logins/person.ts';
import { issuerOf, knownServer, serverUrl } from './logins/server.ts';
import { printToken, withoutSecrets } from './logins/shown.ts';
import { sourceOf } from './logins/source.ts';
import { openLogins } from './logins/store.ts';
import { isSealed, type Login, type LoginFacts } from './logins/types.ts';
import { showCode } from './logins/waiting.ts';
import { type AccessOptions, saysAccess, wantedAccess } from './logins/wanted-access.ts';
import { done, show } from './output.ts';
import { outputOf } from './runner.ts';
import { shellWord } from './shell-word.ts';
import type { Terminal } from './terminal.ts';

/** A login, before anyone has approved it. */
type Wanted = Pick<Login, 'alias' | 'kind' | 'issuer' | 'resource'> & {
  client_id: string;
  asked: NonNullable<Login['asked']>;
};

interface LoginOptions extends AccessOptions, KeyringOption {
  alias?: string | undefined;
  tokenOnly?: boolean;
  browser: boolean;
}

/** `writ login`, `writ logout` and `writ token`: a person's logins, which renew themselves. */
export function loginCommands(
  program: Command,
  environment: Environment,
  terminal: Terminal,
): void {
  const logins = openLogins(environment);
  const outputFor = (command: Command) =>
    outputOf(terminal, command.optsWithGlobals<{ json?: boolean }>().json ?? false);

  program
    .command('login')
    .argument('[server]', 'its URL, or the alias of a login to repeat')
    .description('log in through a browser, and stay logged in')
    .option('--alias <name>', 'the name of the login (default: the host)')
    .option('--resource <identifier>', 'the API that the tokens are for')
    .option('--read <name>', 'read things of this kind, or one object: kind/id', collect)
    .option('--write <name>', 'read and change them', collect)
    .option('--read-all', 'read everything')
    .option('--write-all', 'read and change everything')
    .option('--scope <scope>', 'a scope of the API', collect)
    .option('--token-only', 'print the access token, and save nothing')
    .option('--no-browser', 'do not open the browser')
    .addOption(keyringOption)
    .addOption(noKeyringOption)
    .addHelpText(
      'after',
      `
Without these options the login is for the commands of writ, with all that your
account may do. With any of --read, --write and --scope it is for the default
API of the server; "writ token" prints its access token.
Examples:
  writ login https://login.acme.com
  writ login https://login.acme.com --resource urn:acme:api --read things
  export TOKEN=$(writ login acme --token-only --write-all)`,
    )
    .action(async (server: string | undefined, options: LoginOptions, command: Command) => {
      const output = outputFor(command);
      const chosen = options.alias === undefined ? undefined : alias(options.alias);
      const again =
        server === undefined
          ? undefined
          : (await logins.read()).logins.find((login) => login.alias === server);
      const issuer = again?.issuer ?? (await issuerOf(await askServer(server, command)));
      const wanted = wantedLogin(issuer, { ...options, alias: chosen }, again);
      if (!options.tokenOnly) {
        const former = await replacedBy(wanted, logins);
        if (options.keyring ?? (former && isSealed(former))) await logins.prepareKeyring();
      }
      const tokens = await approved(wanted, options.browser);
      if (options.tokenOnly) {
        printToken(output, tokens.accessToken);
        return;
      }
      const login: Login = {
        ...wanted,
        scope: tokens.scope ?? null,
        person: (await personOf(issuer, tokens.accessToken)).person,
        saved_at: Date.now(),
        access_token: tokens.accessToken,
        expires_at: tokens.expiresAt,
        renew_at: tokens.renewAt,
        refresh_token: tokens.refreshToken,
      };
      const replaced = await logins
        .save(login, { sealed: options.keyring })
        .catch(async (error) => {
          // Nothing here could end it later.
          await revokeQuietly(login);
          throw error;
        });
      if (replaced && !isSealed(replaced)) await revokeQuietly(replaced);
      if (output.json) show(output, withoutSecrets(login));
      else output.write(summaryOf(login));
    });

  /** The server that the person names, or the one that is known here. */
  async function askServer(server: string | undefined, command: Command): Promise<string> {
    if (server !== undefined) return serverUrl(server);
    const { url } = command.optsWithGlobals<{ url?: string }>();
    const known = await knownServer(url, environment);
    if (known) return known;
    const answer = terminal.ask && (await terminal.ask('URL of the server: ')).trim();
    if (answer) return serverUrl(answer);
    throw new WrongUsage(`Which server? ${commandName} login https://login.acme.com`);
  }

  /** What the options ask for; `again` is a login that is repeated. Throws WrongUsage. */
  function wantedLogin(
    issuer: string,
    options: LoginOptions,
    again: LoginFacts | undefined,
  ): Wanted {
    if (again && again.kind !== 'person')
      throw new WrongUsage(`${again.alias} is not a person's login. Choose another name.`);
    const own = ownApiOf(issuer);
    const says = saysAccess(options);
    const repeats = again !== undefined && !says && options.resource === undefined;
    const resource = options.resource ?? (repeats ? again.resource : says ? null : own);
    const { scopes, details } = wantedAccess(options);
    if (resource === own && (details || scopes.some((name) => name.startsWith('*:'))))
      throw new WrongUsage(
        'The scopes of the API of Writ have full names: use --scope clients:read.',
      );
    const asked = (repeats && again.asked) || {
      scope: [...scopes, 'openid', 'profile', 'email', 'offline_access'].join(' '),
      authorization_details: details && JSON.stringify(details),
    };
    const kept = scopeTokens(asked.scope).filter(
      (name) => !options.tokenOnly || name !== 'offline_access',
    );
    return {
      alias: options.alias ?? again?.alias ?? usualAlias(issuer, resource),
      kind: 'person',
      issuer,
      resource,
      client_id: resource === own ? commandLineClientId : commandLineApiClientId,
      asked: { ...asked, scope: kept.join(' ') },
    };
  }

  /** Waits until the person has approved the login. Throws Failure. */
  async function approved(
    { issuer, client_id: clientId, resource, asked }: Wanted,
    opens: boolean,
  ): Promise<Tokens> {
    let waiting: ReturnType<typeof showCode> | undefined;
    try {
      return await deviceLogin({
        issuer,
        clientId,
        resource: resource ?? undefined,
        scope: asked.scope,
        authorizationDetails: asked.authorization_details,
        fetch: fetchOrFail,
        onCode(code) {
          const page = code.verificationUriComplete ?? code.verificationUri;
          const isOpened =
            opens && terminal.errColumns !== undefined && openBrowser(page, issuer, environment);
          waiting = showCode(terminal, issuer, code, { isOpened });
        },
        onRetry: () => waiting?.trouble(),
      });
    } catch (error) {
      throw error instanceof TokenError ? refusal(issuer, resource, error) : error;
    } finally {
      waiting?.done();
    }
  }

  program
    .command('logout')
    .argument('[alias]', 'the login (default: the only one)')
    .description('end a login, here and at its server')
    .option('--local', 'only forget it here, if the server cannot be reached')
    .action(async (name: string | undefined, options: { local?: boolean }, command: Command) => {
      const output = outputFor(command);
      const login = await findLogin(name, logins);
      await logins.remove(login.alias, options.local ? undefined : revokeLogin);
      const sentence =
        options.local || login.kind === 'token'
          ? `Forgot ${login.alias}. Its token stays active at ${login.issuer}.`
          : `Logged out of ${login.alias}.`;
      done(output, sentence, { alias: login.alias });
    });

  program
    .command('token')
    .argument('[login]', 'its alias, or the URL that the token is for')
    .description('print an access token of a login, renewed if it has to be')
    .addHelpText(
      'after',
      `
Example:
  curl -H "Authorization: Bearer $(writ token acme)" https://api.acme.com/things`,
    )
    .action(async (name: string | undefined, _options, command: Command) => {
      const login = await findLogin(name, logins);
      printToken(outputFor(command), await sourceOf(await logins.opened(login), logins).token());
    });
}

/** Ends a login at its server. Throws Failure if the server cannot be reached. */
async function revokeLogin(login: Login): Promise<void> {
  if (login.kind === 'token' || login.client_id === null) return;
  await revoke(
    {
      issuer: login.issuer,
      clientId: login.client_id,
      clientSecret: login.client_secret,
      fetch: fetchOrFail,
    },
    { accessToken: login.access_token, refreshToken: login.refresh_token },
  ).catch((error) => {
    const words =
      error instanceof Failure
        ? error.problem
        : `${login.issuer} did not end the login: ${clean((error as Error).message)}`;
    throw new Failure(words, {
      remedy: `"${commandName} logout ${login.alias} --local" only forgets it here.`,
      cause: error,
    });
  });
}

/** Ends the login that another one has replaced. Best effort: the person sees it under Connected. */
const revokeQuietly = (login: Login): Promise<void> => revokeLogin(login).catch(() => {});

function refusal(issuer: string, resource: string | null, error: TokenError): Failure {
  if (error.code === 'access_denied')
    return new Failure('The login was denied in the browser. Nothing was saved.', { cause: error });
  if (error.code === 'expired_token')
    return new Failure('The code expired before anyone approved it.', {
      remedy: 'Run the command again.',
      cause: error,
    });
  if (error.code === 'invalid_client' || error.code === 'unauthorized_client')
    return new Failure(`${issuer} does not let writ log in: ${clean(error.message)}`, {
      remedy: 'An administrator may have turned it off.',
      cause: error,
    });
  const isClosed =
    error.code === 'invalid_target' && resource !== null && resource !== ownApiOf(issuer);
  return new Failure(`${issuer} refused the login: ${clean(error.message)}`, {
    ...(isClosed && {
      remedy: `An administrator opens an API to logins: ${commandName} resources update ${shellWord(resource)} --personal-tokens`,
    }),
    cause: error,
  });
}

function summaryOf({ alias: name, person, issuer, resource, scope }: Login): string {
  const scopes = scopeTokens(scope ?? undefined).filter((one) => one.includes(':'));
  const isOwn = resource === ownApiOf(issuer);
  return [
    `Logged in to ${issuer}${person ? ` as ${person}` : ''}. The login is called ${name}.`,
    ...(scopes.length > 0 ? [`It has the scopes ${clean(scopes.join(', '))}.`] : []),
    isOwn
      ? `Commands for this server use it: ${commandName} whoami`
      : `${commandName} token ${name} prints its access token.`,
    '',
  ].join('\n');
}
