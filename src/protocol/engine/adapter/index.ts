import type { Adapter, AdapterFactory } from 'oidc-provider';
import type { Keyring } from '../../../crypto/sealing.ts';
import type { Accounts } from '../../../domain/accounts/accounts.ts';
import type { ClientLogins } from '../../../domain/accounts/client-logins.ts';
import type { ClientLookup } from '../../../domain/clients/lookup.ts';
import type { ConsentDecisions } from '../../../domain/grants/consent/decisions.ts';
import type { DeviceDecisions } from '../../../domain/grants/device/decisions.ts';
import type { GrantStates } from '../../../domain/grants/grant-state.ts';
import type { Grants } from '../../../domain/grants/grants.ts';
import type { RequestLimitCounter } from '../../../domain/limits/request-limits.ts';
import type { EphemeralStore } from '../../../domain/short-lived/store.ts';
import type { TokenIssue } from '../../../domain/tokens/issue.ts';
import type { LastUsed } from '../../../domain/tokens/last-used.ts';
import type { Redemptions } from '../../../domain/tokens/redemptions.ts';
import type { RevokeToken } from '../../../domain/tokens/revocation.ts';
import type { TokenLookup } from '../../../domain/tokens/token-state.ts';
import { forEngine } from '../errors.ts';
import { authorizationCodeAdapter } from './authorization-codes.ts';
import { clientAdapter } from './clients.ts';
import { deviceCodeAdapter } from './device-codes.ts';
import { ephemeralAdapter } from './ephemeral.ts';
import { grantAdapter } from './grants.ts';
import { interactionAdapter } from './interactions.ts';
import { limitedByClient } from './limited.ts';
import { pushedRequestAdapter } from './pushed-requests.ts';
import { isTokenModel, tokenAdapter } from './tokens.ts';

/** Everything that the adapters read and write. */
export interface Stores {
  clients: ClientLookup;
  accounts: Accounts;
  clientLogins: ClientLogins;
  grants: Grants;
  issue: TokenIssue;
  lookup: TokenLookup;
  redemptions: Redemptions;
  deviceDecisions: DeviceDecisions;
  consentDecisions: ConsentDecisions;
  grantStates: GrantStates;
  revoke: RevokeToken;
  lastUsed: LastUsed;
  requestLimits: RequestLimitCounter;
  keyring: Keyring;
  /** The store of short-lived state. */
  ephemeral: EphemeralStore;
}

/** Creates the adapter of each of the engine's models. */
export function adapterFactory(stores: Stores): AdapterFactory {
  return (kind) => inEngineTerms(adapterFor(kind, stores));
}

function adapterFor(kind: string, stores: Stores): Adapter {
  if (kind === 'Client') return clientAdapter(stores.clients);
  if (kind === 'Grant') return grantAdapter(stores.grants);
  if (isTokenModel(kind)) return tokenAdapter(kind, stores);
  const store = stores.ephemeral;
  const limits = stores.requestLimits;
  if (kind === 'DeviceCode')
    return limitedByClient(
      'device_authorization.client',
      limits,
      deviceCodeAdapter({ ...stores, store }),
    );
  if (kind === 'Interaction') return interactionAdapter({ ...stores, store });
  if (kind === 'AuthorizationCode') return authorizationCodeAdapter({ ...stores, store });
  if (kind === 'PushedAuthorizationRequest')
    return limitedByClient(
      'pushed_authorization.client',
      limits,
      pushedRequestAdapter({ ...stores, store }),
    );
  return ephemeralAdapter(kind, { ...stores, store });
}

/** Converts errors of the domain, such as an unavailable database, so the caller gets Writ's code and status. */
function inEngineTerms(adapter: Adapter): Adapter {
  return {
    upsert: (id, payload, expiresIn) =>
      forEngine(async () => adapter.upsert(id, payload, expiresIn)),
    find: (id) => forEngine(async () => adapter.find(id)),
    findByUid: (uid) => forEngine(async () => adapter.findByUid(uid)),
    findByUserCode: (userCode) => forEngine(async () => adapter.findByUserCode(userCode)),
    consume: (id) => forEngine(async () => adapter.consume(id)),
    destroy: (id) => forEngine(async () => adapter.destroy(id)),
    revokeByGrantId: (grantId) => forEngine(async () => adapter.revokeByGrantId(grantId)),
  };
}
