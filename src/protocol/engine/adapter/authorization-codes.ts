import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import type { ClientLogins } from '../../../domain/accounts/client-logins.ts';
import { isFapi2 } from '../../../domain/clients/profiles.ts';
import type { GrantStates } from '../../../domain/grants/grant-state.ts';
import {
  authorizationCodeRedemption,
  type CodeBinding,
  isUnprovenLogin,
  strictCodeRedemption,
  whileApproved,
} from '../../token/authorization-code.ts';
import { engineClientOf } from '../models.ts';
import { currentScope } from '../request-scope.ts';
import { type EphemeralStores, ephemeralAdapter } from './ephemeral.ts';

interface Stores extends EphemeralStores {
  grantStates: GrantStates;
  clientLogins: Pick<ClientLogins, 'record'>;
}

/**
 * Authorization codes: stored for minutes, and read with the state of their grant and the policy of the caller. The browser
 * session that one is stored for has entered the client since then, so the client is notified when the session ends.
 */
export function authorizationCodeAdapter({
  grantStates,
  clientLogins,
  ...stores
}: Stores): Adapter {
  const codes = ephemeralAdapter('AuthorizationCode', stores, authorizationCodeRedemption);
  const strictCodes = ephemeralAdapter('AuthorizationCode', stores, strictCodeRedemption);
  const ofCaller = (code: CodeBinding | undefined) =>
    (Provider.ctx && isFapi2(engineClientOf(Provider.ctx) ?? {})) || (code && isUnprovenLogin(code))
      ? strictCodes
      : codes;

  const recordLogin = async ({
    accountId,
    clientId = '',
    grantId = '',
  }: AdapterPayload): Promise<void> => {
    const session = currentScope()?.browserSession;
    const isTheirs = session !== undefined && session.accountId === accountId;
    // A program that approved a client with a token of the person has no browser.
    if (!isTheirs && Provider.ctx?.oidc?.route !== 'resume') return;
    const isRecorded =
      isTheirs &&
      (await clientLogins.record({ sessionId: session.id, accountId, clientId, grantId }));
    if (!isRecorded) throw new errors.LoginRequired('the person has signed out in the meantime');
  };

  return {
    ...codes,
    async upsert(id, payload, expiresIn) {
      await recordLogin(payload);
      await codes.upsert(id, payload, expiresIn);
    },
    async find(id) {
      const found = (await ofCaller(undefined).find(id)) || undefined;
      const code = found && isUnprovenLogin(found) ? await strictCodes.find(id) : found;
      return whileApproved(code || undefined, grantStates);
    },
    consume: (id) => ofCaller(Provider.ctx?.oidc.entities.AuthorizationCode).consume(id),
  };
}
