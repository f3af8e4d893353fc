import type { Client } from '../domain/clients/lookup.ts';
import type { SubjectFor } from '../domain/clients/subjects.ts';
import { effectiveScope } from '../domain/tokens/effective-scope.ts';
import { rightsOf } from '../domain/tokens/entitlements.ts';
import type { TokenState } from '../domain/tokens/token-state.ts';
import { publicId } from '../domain/tokens/value.ts';
import { mayIntrospect } from './introspection-access.ts';

/**
 * The introspection response (RFC 7662 §2.2) for the client `caller`. Roles and scope are the current ones, not those
 * of the moment of issue.
 */
export function introspectionResponse(
  {
    issuer,
    apiResource,
    subjectFor,
  }: { issuer: string; apiResource: string; subjectFor: SubjectFor },
  state: TokenState | undefined,
  caller: Client,
): { active: boolean; [member: string]: unknown } {
  if (!state?.alive || state.consumed || !mayIntrospect(caller, state)) return { active: false };
  const { payload, audience } = state;
  const isRefreshToken = state.kind === 'refresh_token';
  const rights = isRefreshToken ? undefined : rightsOf(state);
  // JSON omits undefined members.
  return {
    ...(isRefreshToken ? {} : state.claims),
    active: true,
    iss: issuer,
    client_id: state.clientId,
    sub: subOf(state, caller, subjectFor),
    aud: audience?.length === 1 ? audience[0] : (audience ?? undefined),
    scope: effectiveScope(state, apiResource) || undefined,
    // Whole seconds (RFC 7662 §2.2): named tokens have fractional times.
    iat: Math.floor(state.issuedAt),
    exp: state.expiresAt === null ? undefined : Math.floor(state.expiresAt),
    jti: publicId(state.id),
    // Of refresh tokens the payload is the engine's.
    ...(!isRefreshToken && {
      auth_time: payload?.['auth_time'],
      acr: payload?.['acr'],
      amr: payload?.['amr'],
    }),
    token_type: isRefreshToken ? undefined : payload?.['jkt'] ? 'DPoP' : 'Bearer',
    app: rights?.app,
    roles: rights?.roles,
    entitlements: rights?.entitlements,
    authorization_details: payload?.['rar'],
    ...(!isRefreshToken && { act: payload?.['act'], may_act: payload?.['may_act'] }),
    subject: state.subject ?? undefined,
    name: state.subject ? (state.name ?? undefined) : undefined,
    attributes: payload?.['attributes'],
    cnf: payload ? confirmationOf(payload) : undefined,
  };
}

/**
 * The `sub` of a token (RFC 7662 §2.2). APIs know a person under one ID, whichever client calls them; a client with
 * pairwise ones sees its own for its tokens. The subject of a token with one of its own is unique only within its client,
 * so the client ID is part of it; neither a client ID nor a subject type contains `|`.
 */
function subOf(
  { accountId, clientId, client, subject, payload }: TokenState,
  caller: Client,
  subjectFor: SubjectFor,
): string {
  if (subject) return `${clientId}|${subject.type}|${subject.id}`;
  // Of a token of token exchange whose subject is no account (RFC 8693 §4.1).
  if (accountId === null) return (payload?.['sub'] as string | undefined) ?? clientId;
  return client === caller.id ? subjectFor(caller.metadata, accountId) : accountId;
}

/** The `cnf` of a sender-constrained token: a key (RFC 9449 §6.2) or a certificate (RFC 8705 §3.2). */
function confirmationOf(payload: Record<string, unknown>): object | undefined {
  const { jkt, 'x5t#S256': certificate } = payload;
  return jkt === undefined && certificate === undefined
    ? undefined
    : { jkt, 'x5t#S256': certificate };
}
