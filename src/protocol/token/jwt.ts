import { isOpenIdScope } from '../../../config/scopes.ts';
import type { AssignedRoleLookup } from '../../domain/apps/assigned-roles.ts';
import { claimsFrom } from '../../domain/resources/claims.ts';
import type { Roles } from '../../domain/roles/roles.ts';
import { type Rights, rightsOf } from '../../domain/tokens/entitlements.ts';
import type { NoteJwtAudience } from '../../domain/tokens/jwt-audiences.ts';
import type { AssignedRole } from '../../domain/tokens/role-sql.ts';
import { nameOfSource } from '../../domain/tokens/sources.ts';
import type { TokenState } from '../../domain/tokens/token-state.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { currentScope, type ExchangedClaims } from '../engine/request-scope.ts';
import { loginContext } from './login-context.ts';
import {
  detailsOf,
  epochsOf,
  type PartyStores,
  partiesOf,
  roleLimit,
  type TokenParties,
} from './parties.ts';

/** The engine's token as passed to a claims customizer. */
interface Token {
  clientId?: string | undefined;
  accountId?: string | undefined;
  grantId?: string | undefined;
  resourceServer?: { identifier(): string; scope?: string | undefined } | undefined;
}

/** Where the rights of a token are read. */
export interface RightsStores {
  roles: Roles;
  assignedRoles: AssignedRoleLookup;
}

/**
 * The claims of a JWT besides those of RFC 9068 §2.2: `roles` and `entitlements` at the moment of issue (§2.2.3.1), the
 * `authorization_details` of the grant (RFC 9396 §9.1), when and how the person signed in (§2.2.1), and the grant ID and epochs, by which a verifier that follows
 * the change feed learns that the token was revoked.
 */
export async function jwtClaims(
  token: Token,
  stores: PartyStores & RightsStores & { noteJwtAudience: NoteJwtAudience },
): Promise<Record<string, unknown>> {
  const parties = await partiesOf(token, stores);
  await noteAudience(token, parties, stores);
  const { account, grant } = parties;
  const epochs = epochsOf(parties);
  const { exchange, issuer } = currentScope()?.work ?? {};
  return {
    ...(account && (await attributeClaims(account.id, token, stores))),
    ...(account && loginContext()),
    ...(exchange && exchangedClaims(exchange)),
    ...(await effectiveRights(parties, stores, exchange?.limitedBy)),
    ...(grant && { grant_id: grant.id }),
    ...(issuer !== undefined && { sources: [issuer] }),
    authorization_details: detailsOf(parties),
    epochs: {
      client: epochs.client,
      ...(epochs.app && { app: epochs.app }),
      ...(account && { account: epochs.account }),
      ...(grant && { grant: epochs.grant }),
    },
  };
}

/** From now on the API learns of changes of these parties. Refuses a token that would already be inactive. */
async function noteAudience(
  { resourceServer }: Token,
  parties: TokenParties,
  { noteJwtAudience }: { noteJwtAudience: NoteJwtAudience },
): Promise<void> {
  const audience = resourceServer?.identifier();
  if (audience !== undefined && !(await noteJwtAudience(parties, audience)))
    throw new OAuthError(
      'invalid_grant',
      'The client or the account was changed during this request. Send the request again.',
    );
}

/**
 * The claims of token exchange (RFC 8693 §4.1, §4.4). `sources` are the `jti` of what the token comes from: it ends with each of them,
 * as a verifier that follows the change feed must know.
 */
const exchangedClaims = ({ act, may_act, sub, login, sources }: ExchangedClaims) => ({
  ...login,
  ...(act && { act }),
  ...(may_act && { may_act }),
  ...(sub !== undefined && { sub }),
  sources: sources.map(nameOfSource),
});

/**
 * The `scope` of a JWT: only what means something to the API in its `aud` (RFC 9068 §2.2.3). The scopes of OpenID Connect that
 * were granted besides are about userinfo, which reads them where the state of the token is stored.
 */
export function scopeOfJwt({ resourceServer }: Token, scope: string | undefined) {
  const ofApi = scopeTokens(resourceServer?.scope);
  const names = scopeTokens(scope).filter((name) => !isOpenIdScope(name) || ofApi.includes(name));
  return names.length > 0 ? names.join(' ') : undefined;
}

/** The claims that the resource of a token takes from attributes of the person; read only if it takes any. */
async function attributeClaims(
  accountId: string,
  { resourceServer }: Token,
  { accounts }: Pick<PartyStores, 'accounts'>,
): Promise<Record<string, unknown>> {
  const resource = currentScope()?.resources.get(resourceServer?.identifier() ?? '');
  if (!resource || Object.keys(resource.claims).length === 0) return {};
  return claimsFrom(resource.claims, (await accounts.describe(accountId))?.attributes ?? {});
}

const ofAccessToken = { kind: 'access_token', payload: null } as const;

/** The roles that the rule of a trusted issuer leaves, as the payload has them. */
function limitOf(accountId: string | undefined): Record<string, unknown> | null {
  const roles = roleLimit(accountId !== undefined);
  return roles ? { roles } : null;
}

/** The roles and entitlements that an access token of these parties has now. */
export async function effectiveRights(
  { client, account }: Pick<TokenParties, 'client' | 'account'>,
  { roles, assignedRoles }: RightsStores,
  limitedBy: readonly TokenState[] = [],
): Promise<Rights> {
  const accountId = account?.id ?? null;
  const ofClient = account ? undefined : client?.heldRoles;
  if (client?.app) {
    const held = ofClient
      ? { roles: ofClient, memberRole: null }
      : await assignedRoles(client.id, account?.id);
    const payload = limitOf(account?.id);
    return rightsOf({ ...ofAccessToken, payload, app: client.app, accountId, ...held, limitedBy });
  }
  const named = async (): Promise<AssignedRole[]> =>
    (await roles.named(account?.roles ?? client?.roles ?? [])).map(({ name, permissions }) => [
      name,
      permissions,
    ]);
  return rightsOf({
    ...ofAccessToken,
    payload: limitOf(account?.id),
    app: null,
    accountId,
    roles: ofClient ?? (await named()),
    memberRole: null,
    limitedBy,
  });
}
