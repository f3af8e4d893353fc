import type { Command } from 'commander';
import { scopeTokens } from '../oauth/scope.ts';
import { createApiClient } from './api-client.ts';
import { type ConnectionOptions, findTarget } from './context.ts';
import type { Environment } from './environment.ts';
import { personOf } from './logins/person.ts';
import { show } from './output.ts';
import { outputOf } from './runner.ts';
import type { Terminal } from './terminal.ts';

/** `writ whoami`: whom the commands act for. */
export function whoamiCommand(
  program: Command,
  environment: Environment,
  terminal: Terminal,
): void {
  program
    .command('whoami')
    .description('who a command acts for, and with which scopes')
    .action(async (_options, command: Command) => {
      const { json = false, ...options } = command.optsWithGlobals<
        ConnectionOptions & { json?: boolean }
      >();
      const { url, tokenFrom, ...target } = await findTarget(options, environment);
      const api = createApiClient({ url, tokenFrom, ...target });
      const self = await api.get('/tokens/self');
      const scopes = scopeTokens(typeof self['scope'] === 'string' ? self['scope'] : undefined);
      const { accountId, person } = scopes.includes('openid')
        ? await personOf(url, api.token())
        : {};
      show(outputOf(terminal, json), {
        server: url,
        person,
        account_id: accountId,
        token: self['name'] ?? self['kind'],
        client_id: self['client_id'],
        from: tokenFrom,
        scope: self['scope'],
        expires_at: self['expires_at'],
      });
    });
}
