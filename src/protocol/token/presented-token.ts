/**
 * THE TOKENS OF A TOKEN EXCHANGE (RFC 8693 §2.1): the `subject_token` and the `actor_token` of a request, each checked
 * against its type, and what they allow.
 */
import { errors } from 'oidc-provider';
import type { GrantStates } from '../../domain/grants/grant-state.ts';
import type { Grant } from '../../domain/grants/grants.ts';
import type { Workload } from '../../domain/issuers/workloads.ts';
import { effectiveScope } from '../../domain/tokens/effective-scope.ts';
import type { FindToken } from '../../domain/tokens/find-by-value.ts';
import type { AuthorizationDetail } from '../../domain/tokens/named/types.ts';
import { distinctSources, type Source, sourcesOf } from '../../domain/tokens/sources.ts';
import type { TokenState } from '../../domain/tokens/token-state.ts';
import type { Actors } from '../../oauth/actors.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { type TokenType, tokenTypes } from '../../oauth/token-types.ts';
import type { AccountParty } from '../engine/request-scope.ts';
import type { LoginContext } from './login-context.ts';

/** A verified token of this server. */
export interface PresentedToken {
  /** Whom it is about, as `act` names them. */
  party: Omit<Actors, 'act'>;
  /** Its account, if it is about a person here. */
  accountId: string | undefined;
  /** The account as the token was read with it; undefined if its roles are not known. */
  account: AccountParty | undefined;
  /** The client that it was issued to. */
  client: { id: string; clientId: string; app: string | null };
  /** Whether only the client that it was issued to can present it. */
  isForClientOnly: boolean;
  /** Its grant, if it is a login or was exchanged for a person. */
  grant: Grant | undefined;
  act: Actors | undefined;
  mayAct: Record<string, unknown> | undefined;
  /** Identifiers of the resources that it can be exchanged for; undefined if it names none: those of the client. */
  resources: readonly string[] | undefined;
  /** The scopes that it has at one of them; undefined if it names none: those of the client. */
  scopeAt(resource: string): readonly string[] | undefined;
  /** The authorization details that it is limited to. */
  details: readonly AuthorizationDetail[] | undefined;
  /** Seconds since 1970; undefined if it never expires. */
  expiresAt: number | undefined;
  /** The thumbprint of the DPoP key that it is bound to (RFC 9449 §6). */
  jkt: string | undefined;
  /** The thumbprint of the certificate that it is bound to (RFC 8705 §3). */
  certificate: string | undefined;
  login: LoginContext;
  /** Itself and all that it comes from, itself first. */
  sources: readonly Source[];
  /** Tokens whose rights limit one that comes from it, itself first. */
  limitedBy: readonly TokenState[];
  /** Of a token of a trusted issuer. */
  issued?: IssuedPart;
}

export type PresentedParameter = 'subject_token' | 'actor_token';

/** What a token of a trusted issuer has in addition. */
export interface IssuedPart {
  workload: Workload;
  /** The account of its subject, which it can create; undefined if the issuer's people have none. Called last. */
  account(): Promise<AccountParty | undefined>;
  /** Marks a token that is used once. Throws if it was used before. */
  use(): Promise<void>;
}

/** Reads a token of a trusted issuer. Throws the engine's `invalid_request`. */
export type ReadIssued = (
  value: string,
  presented: { parameter: PresentedParameter; type: string; clientId: string },
) => Promise<PresentedToken>;

/**
 * Reads a token of a request. Undefined if it is not active, or not of that type. Throws the engine's `invalid_request` for a token of
 * another issuer that is not accepted.
 */
export type ReadPresented = (
  value: string,
  presented: { parameter: PresentedParameter; type: string; clientId: string },
) => Promise<PresentedToken | undefined>;

/** The claims of an ID token of this server that has not expired, and the client that it is for; undefined for others. */
export type VerifyIdToken = (
  value: string,
) => Promise<{ clientId: string; claims: Record<string, unknown> } | undefined>;

interface Dependencies {
  find: FindToken;
  grantStates: Pick<GrantStates, 'find'>;
  verifyIdToken: VerifyIdToken;
  apiResource: string;
  /** The issuer of this server. */
  issuer: string;
  readIssued: ReadIssued;
}

/** Creates the reader of presented tokens. */
export function createReadPresented({
  find,
  grantStates,
  verifyIdToken,
  apiResource,
  issuer,
  readIssued,
}: Dependencies): ReadPresented {
  const ofToken = async (value: string, type: string): Promise<PresentedToken | undefined> => {
    const state = await find(value);
    return state?.alive && !state.consumed && isOfType(state, type)
      ? fromState(state, apiResource)
      : undefined;
  };

  const ofIdToken = async (value: string): Promise<PresentedToken | undefined> => {
    const verified = await verifyIdToken(value);
    const grantId = verified?.claims['grant_id'];
    const state = typeof grantId === 'string' ? await grantStates.find(grantId) : undefined;
    if (!verified || !state?.holds) return undefined;
    const { claims, clientId } = verified;
    const { accountId, accountEpoch, roles, grantEpoch, grant } = state;
    const resources = (grant['resources'] ?? {}) as Record<string, string>;
    return {
      party: { sub: accountId },
      accountId,
      account: { id: accountId, epoch: accountEpoch, roles },
      client: { id: '', clientId, app: null },
      isForClientOnly: true,
      grant: { id: String(grantId), accountId, clientId, epoch: grantEpoch, payload: grant },
      act: undefined,
      mayAct: claims['may_act'] as Record<string, unknown> | undefined,
      resources: Object.keys(resources),
      scopeAt: (resource) => scopeTokens(resources[resource]),
      details: grant['authorization_details'] as AuthorizationDetail[] | undefined,
      expiresAt: Number(claims['exp']),
      jkt: undefined,
      certificate: undefined,
      login: loginOf(claims),
      sources: [{ grant: String(grantId) }],
      limitedBy: [],
    };
  };

  return async (value, presented) => {
    const { type } = presented;
    if (isOfOtherIssuer(value, issuer)) return readIssued(value, presented);
    if (type === tokenTypes.idToken) return ofIdToken(value);
    // A JWT is one in form as well.
    if (type === tokenTypes.jwt && !value.includes('.')) return undefined;
    return ofToken(value, type);
  };
}

/** Whether a token says that another issuer issued it. Nothing is verified. */
function isOfOtherIssuer(value: string, issuer: string): boolean {
  const [, claims, signature] = value.split('.', 3);
  if (claims === undefined || signature === undefined || value.length > 100_000) return false;
  try {
    const { iss } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    return typeof iss === 'string' && iss !== issuer;
  } catch {
    return false;
  }
}

/** The type of each kind of token (RFC 8693 §3): all but refresh tokens are used at APIs as access tokens are. */
const kindsOf: Partial<Record<TokenType | string, readonly TokenState['kind'][]>> = {
  [tokenTypes.accessToken]: ['access_token', 'personal_access_token', 'api_token'],
  [tokenTypes.jwt]: ['access_token'],
  [tokenTypes.refreshToken]: ['refresh_token'],
};

const isOfType = ({ kind }: TokenState, type: string): boolean =>
  Object.hasOwn(kindsOf, type) && (kindsOf[type]?.includes(kind) ?? false);

function fromState(state: TokenState, apiResource: string): PresentedToken {
  const { accountId, clientId, client, app, payload, expiresAt } = state;
  const isRefresh = state.kind === 'refresh_token';
  const sub = subOf(state);
  return {
    party: { sub },
    accountId: accountId ?? undefined,
    account: accountOf(state),
    client: { id: client, clientId, app },
    isForClientOnly: isRefresh,
    grant:
      state.grantId && accountId
        ? {
            id: state.grantId,
            accountId,
            clientId,
            epoch: state.grantEpoch,
            payload: state.grant ?? {},
          }
        : undefined,
    act: isRefresh ? undefined : (payload?.['act'] as Actors | undefined),
    mayAct: isRefresh ? undefined : (payload?.['may_act'] as Record<string, unknown> | undefined),
    ...(isRefresh ? accessOfLogin(state) : accessOf(state, apiResource)),
    expiresAt: expiresAt === null ? undefined : expiresAt,
    jkt: payload?.['jkt'] as string | undefined,
    certificate: payload?.['x5t#S256'] as string | undefined,
    login: loginOf(isRefresh ? engineLogin(payload) : (payload ?? {})),
    sources: distinctSources([{ token: state.id, limits: true }, ...sourcesOf(payload)]),
    limitedBy: [state, ...(state.limitedBy ?? [])],
  };
}

/** Whom a token is about: an account, else a subject of its own, else its client. As introspection answers APIs. */
function subOf({ accountId, clientId, subject, payload }: TokenState): string {
  if (subject) return `${clientId}|${subject.type}|${subject.id}`;
  return accountId ?? (payload?.['sub'] as string | undefined) ?? clientId;
}

/** The roles of an account are not read with tokens of an app's client, which have those of the app. */
const accountOf = ({
  accountId,
  accountEpoch,
  app,
  roles,
}: TokenState): AccountParty | undefined =>
  accountId !== null && app === null
    ? { id: accountId, epoch: accountEpoch, roles: roles.map(([name]) => name) }
    : undefined;

type Access = Pick<PresentedToken, 'resources' | 'scopeAt' | 'details'>;

const accessOf = (state: TokenState, apiResource: string): Access => {
  const scope = scopeTokens(effectiveScope(state, apiResource) ?? undefined);
  return {
    resources: state.audience ?? [],
    scopeAt: () => scope,
    details: state.payload?.['rar'] as AuthorizationDetail[] | undefined,
  };
};

/** A login is for every resource that the person allowed it for. */
function accessOfLogin({ scope, grant, payload }: TokenState): Access {
  const own = scopeTokens(scope ?? undefined);
  const granted = grant?.['resources'] as Record<string, string> | undefined;
  if (!granted) {
    const resource = payload?.['resource'];
    return {
      resources: resource === undefined ? [] : ([resource].flat() as string[]),
      scopeAt: () => own,
      details: undefined,
    };
  }
  return {
    resources: Object.keys(granted),
    scopeAt: (resource) => scopeTokens(granted[resource]).filter((name) => own.includes(name)),
    details: grant?.['authorization_details'] as AuthorizationDetail[] | undefined,
  };
}

/** The engine's names in refresh tokens. */
const engineLogin = (payload: Record<string, unknown> | null) => ({
  auth_time: payload?.['authTime'],
  acr: payload?.['acr'],
  amr: payload?.['amr'],
});

function loginOf(claims: Record<string, unknown>): LoginContext {
  const { auth_time, acr, amr } = claims;
  return {
    ...(typeof auth_time === 'number' && { auth_time }),
    ...(typeof acr === 'string' && { acr }),
    ...(Array.isArray(amr) && { amr: amr as string[] }),
  };
}

/** `invalid_request` (RFC 8693 §2.2.2) for a token that is not valid, or not accepted. */
export const refusedToken = (parameter: PresentedParameter, message: string): Error =>
  new errors.InvalidRequest(`${parameter}: ${message}`);
