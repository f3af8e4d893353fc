/**
 * THE FAST PATH of the refresh token grant (RFC 6749 §6), for what programs and command lines send: the refresh token of a login
 * for one API, without `openid`, and nothing that needs the engine. It asks the same rules as the engine's path and stores
 * the same rows. A token that was redeemed before, and every refusal, takes the engine's path.
 * test/protocol/token/refresh-token/plain.test.ts compares both.
 */
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Client } from '../../domain/clients/lookup.ts';
import { isPairwise } from '../../domain/clients/subjects.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import type { FindToken } from '../../domain/tokens/find-by-value.ts';
import type { NewToken, TokenIssue } from '../../domain/tokens/issue.ts';
import type { LastUsed } from '../../domain/tokens/last-used.ts';
import { redemptionId } from '../../domain/tokens/redemptions.ts';
import type { TokenState } from '../../domain/tokens/token-state.ts';
import { mintToken, partitionFor } from '../../domain/tokens/value.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import type { EngineClient } from '../engine/models.ts';
import {
  currentScope,
  type HandedOver,
  inRequestScope,
  withHandedOver,
} from '../engine/request-scope.ts';
import { capAtGrantExpiry, type RefreshTokenSettings, refreshTokenLifetime } from './lifetime.ts';
import type { LoginContext } from './login-context.ts';
import { epochsOf } from './parties.ts';
import { engineClientOfPlain, type MintAccessToken } from './plain-access-token.ts';
import { notPlain, type PlainGrant } from './plain-requests.ts';
import { fingerprintOf, sealAnswer } from './redemption-answers.ts';
import {
  refreshTokenRedemption,
  rememberRefreshToken,
  rotatesRefreshTokens,
} from './refresh-token.ts';
import type { ResourcePolicy } from './resource.ts';

interface Dependencies {
  settings: RefreshTokenSettings;
  find: FindToken;
  resources: Pick<Resources, 'find'>;
  resourcePolicy: Pick<ResourcePolicy, 'resourceServer'>;
  issue: Pick<TokenIssue, 'insert' | 'redeem'>;
  lastUsed: Pick<LastUsed, 'touchToken' | 'touchGrant'>;
  mint: MintAccessToken;
}

/** What the engine stores with a refresh token, as far as a plain one can have it. */
interface LoginPayload {
  /** How the login began, and whether it was refreshed since. */
  gty?: string;
  /** When the first token of the login was issued, in seconds since 1970. */
  iiat?: number;
  rotations?: number;
  /** The API that it is for. */
  resource?: string | string[];
  authTime?: number;
  acr?: string;
  amr?: string[];
  claims?: unknown;
  nonce?: string;
  sid?: string;
  sessionUid?: string;
  expiresWithSession?: boolean;
}

const plainNames: ReadonlySet<string> = new Set<keyof LoginPayload>([
  'gty',
  'iiat',
  'rotations',
  'resource',
  'authTime',
  'acr',
  'amr',
  'claims',
  'nonce',
  'sid',
  'sessionUid',
  'expiresWithSession',
]);

/** What a person approved, as far as it decides about tokens. Scopes by resource, and those of OpenID Connect. */
interface Approved {
  resources?: Record<string, string>;
  openid?: { scope?: string };
}

/** Members of a grant that need the engine: what the person rejected, and authorization details. */
const notPlainOfGrant = ['rejected', 'rar', 'authorization_details'] as const;

/** A refresh token that can be redeemed here. */
interface Login {
  accountId: string;
  grantId: string;
  expiresAt: number;
  payload: LoginPayload;
  approved: Approved;
  /** The identifier of its API. */
  audience: string;
  scopes: ReadonlySet<string>;
}

export function createPlainRefresh({
  settings,
  find,
  resources,
  resourcePolicy,
  issue,
  lastUsed,
  mint,
}: Dependencies): PlainGrant {
  const respond = async (client: Client, value: string): Promise<Record<string, unknown>> => {
    const state = await find(value);
    const now = Math.floor(Date.now() / 1000);
    if (!state) throw notPlain;
    const login = plainLogin(state, client, now);
    if (!login) throw new NeedsEngine({ client, token: state, value });
    const scope = currentScope();
    scope?.clients.set(client.clientId, client);
    rememberRefreshToken(state);

    const resource = await resources.find(login.audience);
    if (!resource) throw notPlain;
    scope?.resources.set(resource.identifier, resource);
    const engineClient = engineClientOfPlain(client);
    const server = await resourcePolicy.resourceServer(resource.identifier, engineClient);
    const granted = scopeOf(login, server.scope);
    if (granted === undefined) throw notPlain;

    const { accountId, grantId, payload } = login;
    const context = contextOf(payload);
    const ttl = capAtGrantExpiry(
      login,
      server.accessTokenTTL ?? engineClient.access_token_ttl ?? lifetimes.accessToken,
    );
    const times = { issuedAt: now, expiresAt: now + ttl };
    const minted = await mint(
      {
        clientId: client.clientId,
        login: { accountId, grantId, context },
        resource,
        scope: granted,
        server,
      },
      times,
    );
    const common = {
      client: client.id,
      accountId,
      grantId,
      epochs: epochsOf({
        client,
        account: scope?.accounts.get(accountId),
        grant: scope?.grants.get(grantId),
      }),
    };
    const { sid, sessionUid, expiresWithSession } = payload;
    const gty = refreshed(payload.gty);
    const accessToken: NewToken = {
      ...minted.row,
      ...common,
      ...times,
      kind: 'access_token',
      scope: granted,
      audience: [resource.identifier],
      payload: defined({ gty, sessionUid, expiresWithSession, sid, ...context }),
    };
    const successor = rotatesRefreshTokens(engineClient, settings)
      ? successorOf(login, { now, engineClient, settings })
      : undefined;
    const body = {
      access_token: minted.value,
      expires_in: ttl,
      refresh_token: successor?.value ?? value,
      scope: granted,
      token_type: 'Bearer',
    };
    if (successor) {
      const refreshToken: NewToken = {
        ...successor.row,
        ...common,
        kind: 'refresh_token',
        scope: state.scope ?? undefined,
        payload: defined({ ...payload, gty, rotations: (payload.rotations ?? 0) + 1 }),
      };
      const redemption = {
        of: { token: state.id },
        id: redemptionId('RefreshToken', value),
        fingerprint: fingerprintOf({
          clientId: client.clientId,
          grantType: grantTypes.refreshToken,
        }),
        answer: sealAnswer(value, body),
        retainSeconds: refreshTokenRedemption.retainSeconds,
      };
      // Another request was first: the engine's path finds its response.
      if (!(await issue.redeem(redemption, [refreshToken, accessToken]))) throw notPlain;
    } else await issue.insert(accessToken);
    lastUsed.touchToken(state.id);
    lastUsed.touchGrant(grantId);
    return body;
  };

  return {
    grantType: grantTypes.refreshToken,
    parameters: ['refresh_token'],
    isForPublicClients: true,
    begin: ({ refresh_token: value = '' }) => ({
      respond: async (client) => {
        if (isPairwise(client.metadata)) throw notPlain;
        return { body: await inRequestScope(() => respond(client, value)) };
      },
    }),
    resume: (reason, next) =>
      reason instanceof NeedsEngine ? withHandedOver(reason.read, next) : next(),
  };
}

/** Thrown for a request that needs the engine, with what was read for it. Not an `Error`, since those are slow to make. */
class NeedsEngine {
  readonly read: HandedOver;

  constructor(read: HandedOver) {
    this.read = read;
  }
}

/** The login of an active refresh token of the client; undefined if it needs the engine. */
function plainLogin(
  { kind, alive, consumed, clientId, accountId, grantId, expiresAt, scope, ...rest }: TokenState,
  client: Client,
  now: number,
): Login | undefined {
  const payload = (rest.payload ?? {}) as LoginPayload;
  const grant = rest.grant ?? {};
  const scopes = new Set(scopeTokens(scope ?? undefined));
  const identifiers = [payload.resource ?? []].flat();
  const [audience] = identifiers;
  const isPlain =
    kind === 'refresh_token' &&
    alive &&
    !consumed &&
    clientId === client.clientId &&
    !payload.expiresWithSession &&
    Object.keys(payload).every((name) => plainNames.has(name)) &&
    notPlainOfGrant.every((name) => grant[name] === undefined) &&
    Number(grant['exp'] ?? Number.POSITIVE_INFINITY) > now &&
    identifiers.length === 1 &&
    !scopes.has('openid');
  if (!isPlain || !accountId || !grantId || !audience) return undefined;
  if (expiresAt === null || expiresAt <= now) return undefined;
  return { accountId, grantId, expiresAt, payload, approved: grant, audience, scopes };
}

/**
 * The scope of an access token: what was approved for its API and is one of the API's still, with the scopes of OpenID Connect
 * that were approved beside it. Undefined if nothing is left.
 */
function scopeOf(
  { approved: { resources, openid }, audience, scopes }: Login,
  ofApi: string | undefined,
): string | undefined {
  const offered = new Set(scopeTokens(ofApi));
  const names = new Set([
    ...scopeTokens(openid?.scope).filter((name) => scopes.has(name)),
    ...scopeTokens(resources?.[audience]).filter((name) => scopes.has(name) && offered.has(name)),
  ]);
  return names.size > 0 ? [...names].join(' ') : undefined;
}

/** The value and the row of the refresh token that replaces one. */
function successorOf(
  { grantId, expiresAt, payload: { iiat } }: Login,
  {
    now,
    engineClient,
    settings,
  }: { now: number; engineClient: EngineClient; settings: RefreshTokenSettings },
): { value: string; row: Pick<NewToken, 'id' | 'issuedAt' | 'expiresAt'> } {
  const lifetime = capAtGrantExpiry(
    { grantId },
    refreshTokenLifetime(
      {
        sinceLogin: now - (iiat ?? now),
        leftOfPredecessor: expiresAt - now,
        client: engineClient,
      },
      settings,
    ),
  );
  const times = { issuedAt: now, expiresAt: now + lifetime };
  const { value, id } = mintToken(
    'refresh_token',
    partitionFor('refresh_token', times.issuedAt, times.expiresAt),
  );
  return { value, row: { id, ...times } };
}

/** As the engine notes that a login was refreshed. */
const refreshed = (gty: string | undefined): string | undefined =>
  gty === undefined || gty.endsWith(grantTypes.refreshToken)
    ? gty
    : `${gty} ${grantTypes.refreshToken}`;

const contextOf = ({ authTime, acr, amr }: LoginPayload): LoginContext => ({
  ...(authTime !== undefined && { auth_time: authTime }),
  ...(acr !== undefined && { acr }),
  ...(amr !== undefined && { amr }),
});

/** The members that have a value; undefined if none has. */
function defined(members: Record<string, unknown>): Record<string, unknown> | undefined {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
