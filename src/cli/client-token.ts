import type { Command } from 'commander';
import { clientCredentials, memoryStore, TokenError } from '../sdk/client/index.ts';
import { commandName } from './command-name.ts';
import type { Environment } from './environment.ts';
import { Failure } from './failure.ts';
import { clean, fetchOrFail } from './http.ts';
import { alias, replacedBy } from './logins/alias.ts';
import {
  type KeyringOption,
  keyringOption,
  namedIssuer,
  noKeyringOption,
  readSecret,
} from './logins/given.ts';
import { printToken, withoutSecrets } from './logins/shown.ts';
import { openLogins } from './logins/store.ts';
import type { Login } from './logins/types.ts';
import { done } from './output.ts';
import { outputOf } from './runner.ts';
import type { Terminal } from './terminal.ts';

/** `writ client-token`: access tokens of a client (RFC 6749 §4.4). */
export function clientTokenCommand(
  program: Command,
  environment: Environment,
  terminal: Terminal,
): void {
  program
    .command('client-token')
    .argument('<client_id>', 'such as acme:default')
    .description("print an access token of a client, or keep the client's login")
    .option('--resource <identifier>', 'the API that the token is for')
    .option('--scope <scope>', 'the scopes, separated by spaces')
    .option('--save [alias]', 'keep the client and its secret here; "writ token" renews it')
    .addOption(keyringOption)
    .addOption(noKeyringOption)
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
        {
          save,
          keyring,
          ...options
        }: { resource?: string; scope?: string; save?: string | true } & KeyringOption,
        command: Command,
      ) => {
        const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
        const output = outputOf(terminal, json);
        const issuer = await namedIssuer(command, environment);
        const clientSecret = await readSecret('WRIT_CLIENT_SECRET', 'Client secret (not shown): ', {
          environment,
          terminal,
        });
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
          printToken(output, token);
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
          scope: tokens?.scope ?? null,
          ...(options.scope !== undefined && { asked: { scope: options.scope } }),
          saved_at: Date.now(),
          access_token: token,
          expires_at: tokens?.expiresAt,
          renew_at: tokens?.renewAt,
        };
        const logins = openLogins(environment);
        await replacedBy(login, logins);
        await logins.save(login, { sealed: keyring });
        done(
          output,
          `The client is kept as ${login.alias}: ${commandName} token ${login.alias}`,
          withoutSecrets(login),
        );
      },
    );
}
