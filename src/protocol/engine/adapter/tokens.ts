import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors, Provider } from 'oidc-provider';
import { createFindToken } from '../../../domain/tokens/find-by-value.ts';
import type { NewToken, TokenIssue } from '../../../domain/tokens/issue.ts';
import type { LastUsed } from '../../../domain/tokens/last-used.ts';
import type { RevokeToken } from '../../../domain/tokens/revocation.ts';
import { toStoredSources } from '../../../domain/tokens/sources.ts';
import type { TokenLookup, TokenState } from '../../../domain/tokens/token-state.ts';
import { parsePublicId, parseToken, type TokenKind } from '../../../domain/tokens/value.ts';
import { loginContext } from '../../token/login-context.ts';
import {
  detailsOf,
  epochsOf,
  type PartyStores,
  partiesOf,
  roleLimit,
} from '../../token/parties.ts';
import {
  isConsumed,
  refreshTokenRedemption,
  rememberRefreshToken,
} from '../../token/refresh-token.ts';
import { consume } from '../../token/transaction.ts';
import { currentScope, type ExchangedClaims } from '../request-scope.ts';
import { revokeGrant } from './grants.ts';

/** The engine's models that are stored as tokens, and the kind of each. */
export const tokenModels = {
  AccessToken: 'access_token',
  ClientCredentials: 'access_token',
  RefreshToken: 'refresh_token',
} as const satisfies Record<string, TokenKind>;

/** The name of a model in `tokenModels`. */
export type TokenModelName = keyof typeof tokenModels;

/** Whether a model is stored as a token. */
export const isTokenModel = (model: string): model is TokenModelName => model in tokenModels;

interface Dependencies extends PartyStores {
  issue: TokenIssue;
  lookup: TokenLookup;
  revoke: RevokeToken;
  lastUsed: LastUsed;
}

/** Payload members that have a column or follow from the value. The rest is stored as JSON. */
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

/** Whose token it is, if a workload gets it. */
function ofWorkload(): Record<string, unknown> | undefined {
  const { issuer, rule, subject } = currentScope()?.workload?.workload ?? {};
  return issuer && { workload: { issuer: issuer.id, rule: rule?.name, sub: subject } };
}

/**
 * Whether the request is for userinfo. The engine refuses tokens for an API there; Writ accepts them if their login has
 * `openid` (OpenID Connect Core §5.3), which the scope of the token states.
 */
const isAtUserinfo = (): boolean => Provider.ctx?.oidc?.route === 'userinfo';

/** What the payload of a token of token exchange has in addition. */
const exchangedPayload = (exchange: ExchangedClaims | undefined) =>
  exchange && {
    act: exchange.act,
    may_act: exchange.may_act,
    sub: exchange.sub,
    ...exchange.login,
    ...(exchange.sources.length > 0 && { sources: toStoredSources(exchange.sources) }),
  };

/** Stores the engine's access and refresh tokens. A token's ID is its value, of which only a digest is stored. */
export function tokenAdapter(
  model: TokenModelName,
  { issue, lookup, revoke, lastUsed, ...stores }: Dependencies,
): Adapter {
  const kind = tokenModels[model];
  const findToken = createFindToken(lookup);

  const rowOf = async (id: string, payload: AdapterPayload): Promise<NewToken> => {
    const { clientId = '', accountId, grantId, scope, aud, iat = 0, exp } = payload;
    const tokenId = parseToken(id)?.id ?? parsePublicId(id);
    const parties = await partiesOf({ clientId, accountId, grantId }, stores);
    const { client, account, grant } = parties;
    const { exchange, issuer } = currentScope()?.work ?? {};
    if (!tokenId || !client) throw new errors.InvalidGrant('the client no longer exists');
    if (accountId && !account) throw new errors.InvalidGrant('the account no longer exists');
    if (grantId && !grant) throw new errors.InvalidGrant('the grant no longer exists');
    const rest = Object.entries({
      ...payload,
      // A refresh token finds its authorization details in its grant.
      ...(kind === 'access_token' && {
        rar: detailsOf(parties),
        ...(account && loginContext()),
        ...(!account && ofWorkload()),
        roles: roleLimit(account !== undefined),
        ...(issuer !== undefined && { sources: toStoredSources([{ issuer }]) }),
        ...exchangedPayload(exchange),
      }),
    }).filter(([name, value]) => !columns.has(name) && value !== undefined);
    return {
      id: tokenId,
      kind,
      kid: payload['kid'] as string | undefined,
      digest: payload['digest'] as Buffer | undefined,
      client: client.id,
      accountId,
      grantId,
      epochs: epochsOf(parties),
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
    ...(state.audience &&
      !isAtUserinfo() && {
        aud: state.audience.length === 1 ? state.audience[0] : state.audience,
      }),
    // Within its replay window a rotated token looks unused to the engine, so all other checks of the engine still run.
    ...(isConsumed(state) && { consumed: true }),
  });

  return {
    async upsert(id, payload) {
      const token = await rowOf(id, payload);
      const work = currentScope()?.work;
      if (work) work.tokens.push(token);
      else await issue.insert(token);
    },

    async find(value) {
      const presented = currentScope()?.presented;
      const state = presented?.value === value ? presented.token : await findToken(value);
      // Both models are access tokens: AccessToken of an account, ClientCredentials of a client itself.
      if (
        state?.kind !== kind ||
        !state.alive ||
        (model === 'ClientCredentials') !== (kind === 'access_token' && !state.accountId)
      )
        return undefined;
      if (kind === 'refresh_token') {
        lastUsed.touchToken(state.id);
        rememberRefreshToken(state);
      }
      return payloadOf(value, state);
    },

    async consume(value) {
      const token = parseToken(value);
      if (token)
        await consume(
          { kind: model, value, of: { token: token.id }, policy: refreshTokenRedemption },
          issue,
        );
    },

    async destroy(value) {
      const id = parseToken(value)?.id ?? parsePublicId(value);
      if (id) await revoke(id);
    },

    revokeByGrantId: (grantId) => revokeGrant(stores.grants, grantId),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
  };
}
