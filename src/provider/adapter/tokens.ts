import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Accounts } from '../../domain/accounts.ts';
import type { Client, ClientLookup } from '../../domain/clients/lookup.ts';
import type { Grants } from '../../domain/grants.ts';
import type { LastUsed } from '../../domain/last-used.ts';
import type { Epochs, NewToken, TokenIssue } from '../../domain/tokens/issue.ts';
import type { TokenLookup, TokenState } from '../../domain/tokens/lookup.ts';
import { redemptionId } from '../../domain/tokens/redemptions.ts';
import type { RevokeToken } from '../../domain/tokens/revocation.ts';
import { parsePublicId, parseToken, type TokenKind } from '../../domain/tokens/value.ts';
import { currentScope } from '../request-scope.ts';

/** The engine's models that are tokens of ours. */
export const tokenModels: Record<string, TokenKind> = {
  AccessToken: 'access_token',
  ClientCredentials: 'access_token',
  RefreshToken: 'refresh_token',
};

interface Dependencies {
  clients: ClientLookup;
  accounts: Accounts;
  grants: Grants;
  issue: TokenIssue;
  lookup: TokenLookup;
  revoke: RevokeToken;
  lastUsed: LastUsed;
}

/** What has a column of its own, or is known from the value. */
const columns = new Set([
  'jti',
  'kid',
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
  { clients, accounts, grants, issue, lookup, revoke, lastUsed }: Dependencies,
): Adapter {
  const kind = tokenModels[model] as TokenKind;

  /** The epochs that this request read while it authenticated; today's where it read none. */
  const epochsOf = async (
    { accountId, grantId }: AdapterPayload,
    client: Client,
  ): Promise<Epochs> => {
    const scope = currentScope();
    const account = accountId
      ? (scope?.accounts.get(accountId) ?? (await accounts.find(accountId)))
      : undefined;
    const grant = grantId
      ? (scope?.grants.get(grantId) ?? (await grants.find(grantId)))
      : undefined;
    if (accountId && !account) throw new errors.InvalidGrant('the account is gone');
    if (grantId && !grant) throw new errors.InvalidGrant('the grant is gone');
    const presented = scope?.presented?.accountId === accountId ? scope?.presented : undefined;
    return {
      client: client.epoch,
      app: client.appEpoch,
      account: presented?.accountEpoch ?? account?.epoch ?? 0,
      grant:
        (presented?.grantId === grantId ? presented?.grantEpoch : undefined) ?? grant?.epoch ?? 0,
    };
  };

  const rowOf = async (id: string, payload: AdapterPayload): Promise<NewToken> => {
    const { clientId = '', accountId, grantId, scope, aud, iat = 0, exp } = payload;
    const place = parseToken(id)?.id ?? parsePublicId(id);
    const client = currentScope()?.clients.get(clientId) ?? (await clients(clientId));
    if (!place || !client) throw new errors.InvalidGrant('the client is gone');
    const rest = Object.entries(payload).filter(
      ([name, value]) => !columns.has(name) && value !== undefined,
    );
    return {
      id: place,
      kind,
      kid: payload['kid'] as string | undefined,
      client: client.id,
      accountId,
      grantId,
      epochs: await epochsOf(payload, client),
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
        const scope = currentScope();
        if (scope) scope.presented = state;
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

    revokeByGrantId: (grantId) => grants.revoke(grantId),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
  };
}
