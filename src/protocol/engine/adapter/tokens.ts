import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { lifetimes } from '../../../../config/lifetimes.ts';
import type { NewToken, TokenIssue } from '../../../domain/tokens/issue.ts';
import type { LastUsed } from '../../../domain/tokens/last-used.ts';
import type { TokenLookup, TokenState } from '../../../domain/tokens/lookup.ts';
import { redemptionId } from '../../../domain/tokens/redemptions.ts';
import type { RevokeToken } from '../../../domain/tokens/revocation.ts';
import {
  parsePublicId,
  parseToken,
  publicId,
  type TokenKind,
} from '../../../domain/tokens/value.ts';
import { epochsOf, ownersOf, type PartyStores } from '../../token/principals.ts';
import { currentScope } from '../request-scope.ts';
import { endGrant } from './grants.ts';

/** The engine's models that are tokens of ours. */
export const tokenModels: Record<string, TokenKind> = {
  AccessToken: 'access_token',
  ClientCredentials: 'access_token',
  RefreshToken: 'refresh_token',
};

interface Dependencies extends PartyStores {
  issue: TokenIssue;
  lookup: TokenLookup;
  revoke: RevokeToken;
  lastUsed: LastUsed;
}

/** What has a column of its own, or is known from the value. */
const columns = new Set([
  'jti',
  'kid',
  'digest',
  'kind',
  'iat',
  'exp',
  'clientId',
  'accountId',
  'grantId',
  'scope',
  'aud',
  'consumed',
  'format',
]);

/** Stores the engine's access and refresh tokens. Their ids are the values; what is kept is a digest. */
export function tokenAdapter(
  model: string,
  { issue, lookup, revoke, lastUsed, ...stores }: Dependencies,
): Adapter {
  const kind = tokenModels[model] as TokenKind;

  const rowOf = async (id: string, payload: AdapterPayload): Promise<NewToken> => {
    const { clientId = '', accountId, grantId, scope, aud, iat = 0, exp } = payload;
    const place = parseToken(id)?.id ?? parsePublicId(id);
    const owners = await ownersOf({ clientId, accountId, grantId }, stores);
    const { client, account, grant } = owners;
    if (!place || !client) throw new errors.InvalidGrant('the client is gone');
    if (accountId && !account) throw new errors.InvalidGrant('the account is gone');
    if (grantId && !grant) throw new errors.InvalidGrant('the grant is gone');
    const rest = Object.entries(payload).filter(
      ([name, value]) => !columns.has(name) && value !== undefined,
    );
    return {
      id: place,
      kind,
      kid: payload['kid'] as string | undefined,
      digest: payload['digest'] as Buffer | undefined,
      client: client.id,
      accountId,
      grantId,
      epochs: epochsOf(owners),
      scope,
      audience: aud === undefined ? undefined : [aud].flat(),
      payload: rest.length > 0 ? Object.fromEntries(rest) : undefined,
      issuedAt: iat,
      expiresAt: exp,
    };
  };

  const payloadOf = (value: string, state: TokenState): AdapterPayload => ({
    ...state.payload,
    jti: value,
    kind: model,
    clientId: state.clientId,
    iat: state.issuedAt,
    ...(state.expiresAt !== null && { exp: state.expiresAt }),
    ...(state.accountId && { accountId: state.accountId }),
    ...(state.grantId && { grantId: state.grantId }),
    ...(state.scope && { scope: state.scope }),
    ...(state.audience && {
      aud: state.audience.length === 1 ? state.audience[0] : state.audience,
    }),
    // Within the window the engine is told that the token is unused, so that all its other checks run.
    ...(state.consumed && !(state.withinWindow && currentScope()?.work) && { consumed: true }),
  });

  return {
    async upsert(id, payload) {
      const token = await rowOf(id, payload);
      const work = currentScope()?.work;
      if (work) work.tokens.push(token);
      else await issue.insert(token);
    },

    async find(value) {
      const token = parseToken(value);
      if (token?.kind !== kind) return undefined;
      const state = await lookup(token.id);
      // Both models hold access tokens: one is for accounts, the other for clients on their own behalf.
      if (
        !state?.alive ||
        (model === 'ClientCredentials') !== (kind === 'access_token' && !state.accountId)
      )
        return undefined;
      if (kind === 'refresh_token') {
        lastUsed.touchToken(token.id);
        cacheRefreshParties(state);
        const work = currentScope()?.work;
        if (work && state.consumed && !state.withinWindow) work.reused = publicId(token.id);
      }
      return payloadOf(value, state);
    },

    async consume(value) {
      const token = parseToken(value);
      if (!token) return;
      const work = currentScope()?.work;
      if (work) {
        work.consumed = { kind: model, value, of: { token: token.id } };
        return;
      }
      const id = redemptionId(model, value);
      if (
        !(await issue.redeem(
          { of: { token: token.id }, id, fingerprint: id, keptFor: lifetimes.redemptionWindow },
          [],
        ))
      )
        throw new errors.InvalidGrant('redeemed already');
    },

    async destroy(value) {
      const id = parseToken(value)?.id ?? parsePublicId(value);
      if (id) await revoke(id);
    },

    revokeByGrantId: (grantId) => endGrant(stores.grants, grantId),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
  };
}

/** A refresh token is read with its account and its grant: the request needs not ask for them again. */
function cacheRefreshParties(state: TokenState): void {
  const scope = currentScope();
  const { accountId, accountEpoch, grantId, grantEpoch, clientId } = state;
  if (!scope || !accountId || !grantId) return;
  const roles = state.roles.map(([name]) => name);
  scope.accounts.set(accountId, { id: accountId, roles, epoch: accountEpoch });
  const payload = state.grant ?? {};
  scope.grants.set(grantId, { id: grantId, accountId, clientId, epoch: grantEpoch, payload });
}
