/**
 * ID-JAG at this server as the resource authorization server (draft-ietf-oauth-identity-assertion-authz-grant §4.4): an identity
 * provider says that a client acts for a person, who is not asked again.
 */
import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { issuedLifetime, issuerTokens } from '../../../config/trusted-issuers.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import { actingAs } from '../../domain/audit/actor.ts';
import type { CountedEvents } from '../../domain/audit/counted-events.ts';
import { storedClientId } from '../../domain/clients/lookup.ts';
import type { Delegations } from '../../domain/delegations/delegations.ts';
import type { AccountOfSubject } from '../../domain/issuers/subjects.ts';
import { type IssuedToken, IssuedTokenRefusal } from '../../domain/issuers/types.ts';
import type { VerifyIssued } from '../../domain/issuers/verify.ts';
import type { Workloads } from '../../domain/issuers/workloads.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { forEngine, invalidScope } from '../engine/errors.ts';
import { type EngineClient, engineClientOf, modelsOf } from '../engine/models.ts';
import { currentScope } from '../engine/request-scope.ts';
import { idJagType } from '../workload-identity.ts';
import { requireOtherResource } from './issued-token.ts';
import { assertionOf, consumeAssertion } from './jwt-bearer.ts';
import type { ResourcePolicy } from './resource.ts';
import { bindToken, type ReadProof, requireProof } from './token-proof.ts';

interface Dependencies {
  provider: () => Provider;
  issuer: string;
  apiResource: string;
  verifyIssued: VerifyIssued;
  accountOfSubject: AccountOfSubject;
  accounts: Pick<Accounts, 'find'>;
  delegations: Pick<Delegations, 'grantFor'>;
  workloads: Pick<Workloads, 'requireCurrent'>;
  issuerUses: Pick<CountedEvents, 'note'>;
  resourcePolicy: ResourcePolicy;
  readProof: ReadProof;
}

/** Creates the handler of the jwt-bearer grant for an ID-JAG. */
export function createIdJagHandler(dependencies: Dependencies) {
  const { provider, issuer, apiResource, accounts, delegations, workloads } = dependencies;
  const { issuerUses, verifyIssued, accountOfSubject, resourcePolicy, readProof } = dependencies;

  return async (ctx: KoaContextWithOIDC): Promise<void> => {
    const client = engineClientOf(ctx);
    const scope = currentScope();
    if (!client || !scope) throw new Error('no request scope');
    const proof = await readProof(ctx);
    requireProof(client, proof);
    const issued = await forEngine(() =>
      orInvalidGrant(async () => {
        const found = await verifyIssued(assertionOf(ctx), {
          use: 'id_jag',
          types: [idJagType],
        });
        requireForClient(found, client, issuer);
        requireKey(found, proof.jkt);
        return found;
      }),
    );
    const { jti, expiresAt = 0 } = issued;
    consumeAssertion(issued.issuer.issuer, jti, expiresAt);

    const resource = await resourceOf(ctx, issued, client, resourcePolicy);
    requireOtherResource(resource, apiResource);
    const info = await resourcePolicy.resourceServer(resource, client, { isTokenRequest: true });
    const names = scopeOf(ctx, issued, scopeTokens(info.scope));
    // Only now: a request that is refused creates no account.
    const accountId = await forEngine(() => orInvalidGrant(() => accountOfSubject(issued)));
    const account = await forEngine(() => accounts.find(accountId));
    const party = scope.clients.get(client.clientId);
    if (!account || !party) throw new errors.InvalidGrant('the account is gone');
    const grant = await forEngine(() =>
      delegations.grantFor({ accountId, client: party.id }, client.clientId),
    );
    if (grant === 'ended')
      throw new errors.InvalidGrant('the person has ended that the client acts for them');
    scope.accounts.set(accountId, account);
    if (scope.work) scope.work.issuer = issued.issuer.generation;
    scope.grants.set(grant.id, { ...grant, accountId, clientId: client.clientId, payload: {} });

    const { AccessToken, ResourceServer } = modelsOf(provider());
    const expiresIn = Math.min(
      info.accessTokenTTL ?? Number.POSITIVE_INFINITY,
      issued.issuer.token_lifetime,
      issuedLifetime.default,
    );
    const token = new AccessToken({
      client,
      accountId,
      grantId: grant.id,
      resourceServer: new ResourceServer(resource, info),
      scope: names.join(' ') || undefined,
      expiresIn,
    });
    bindToken(token, client, proof);
    const value = await token.save();
    await forEngine(() => workloads.requireCurrent(issued));
    await forEngine(() =>
      actingAs({ kind: 'client', id: client.clientId }, () =>
        issuerUses.note({
          action: 'trusted_issuer.used',
          target: { kind: 'client', id: client.clientId },
          details: { issuer: issued.issuer.id, sub: issued.subject, account_id: accountId },
        }),
      ),
    );
    // Without a refresh token: the client gets another ID-JAG (§4.4.2).
    ctx.body = {
      access_token: value,
      token_type: token.tokenType,
      expires_in: expiresIn,
      ...(names.length > 0 && { scope: names.join(' ') }),
    };
  };
}

async function orInvalidGrant<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof IssuedTokenRefusal)) throw error;
    throw new OAuthError('invalid_grant', error.sentence, { cause: error, reason: error.message });
  }
}

/** It is for this server, under its issuer alone, and for the client that presents it; it has a `jti` and lives for minutes. */
function requireForClient(
  { claims, jti, expiresAt = 0 }: IssuedToken,
  client: EngineClient,
  issuer: string,
): void {
  const refuse = (message: string): never => {
    throw new IssuedTokenRefusal(message);
  };
  if ([claims['aud']].flat()[0] !== issuer) refuse(`The aud of an ID-JAG must be ${issuer}.`);
  const { client_id: named } = claims;
  if (typeof named !== 'string' || storedClientId(named) !== client.clientId)
    refuse('The ID-JAG is for another client (client_id).');
  if (claims['iss'] === issuer) refuse('The ID-JAG is of this server itself.');
  if (jti === undefined) refuse('The ID-JAG has no jti.');
  if (expiresAt - Number(claims['iat']) > issuerTokens.singleUseLifetime)
    refuse(`An ID-JAG lives at most ${issuerTokens.singleUseLifetime} seconds.`);
}

/** One that is bound to a key needs a proof of that key (draft §8.7.1.2), and one that is bound otherwise cannot be checked. */
function requireKey({ claims }: IssuedToken, jkt: string | undefined): void {
  const { cnf } = claims;
  if (cnf === undefined) return;
  const bound = typeof cnf === 'object' && cnf !== null ? Object.entries(cnf) : [];
  if (bound.length !== 1 || bound[0]?.[0] !== 'jkt')
    throw new IssuedTokenRefusal('The cnf of the ID-JAG is not the thumbprint of a key (jkt).');
  if (bound[0][1] !== jkt)
    throw new IssuedTokenRefusal(
      'The ID-JAG is bound to a key. Send a DPoP proof of that key with it.',
    );
}

/** The resource of the token: one of the ID-JAG; without any, what the client gets otherwise. Throws `invalid_target`. */
async function resourceOf(
  ctx: KoaContextWithOIDC,
  { claims }: IssuedToken,
  client: EngineClient,
  resourcePolicy: ResourcePolicy,
): Promise<string> {
  const granted = claims['resource'] === undefined ? [] : [claims['resource']].flat();
  if (!granted.every((each) => typeof each === 'string'))
    throw new errors.InvalidGrant('the resource of the ID-JAG is not a URI or a list of URIs');
  const requested = [...new Set([ctx.oidc.params?.['resource'] ?? []].flat())] as string[];
  if (requested.length > 1) throw new errors.InvalidTarget('name one resource');
  const [named = granted.length === 1 ? granted[0] : undefined] = requested;
  if (named === undefined && granted.length > 1)
    throw new errors.InvalidTarget('the ID-JAG is for several resources; name one in resource');
  if (named !== undefined && granted.length > 0 && !granted.includes(named))
    throw new errors.InvalidTarget('the ID-JAG is not for this resource');
  const chosen = named ?? (await resourcePolicy.defaultResource(ctx, client));
  if (typeof chosen !== 'string') throw new errors.InvalidTarget('name a resource');
  return chosen;
}

/**
 * The scope of the request, within that of the ID-JAG; without one, what the ID-JAG, the client and the resource share. An ID-JAG
 * without a scope gives none.
 */
function scopeOf(
  ctx: KoaContextWithOIDC,
  { claims }: IssuedToken,
  ofClient: readonly string[],
): string[] {
  const { scope: given } = claims;
  if (given !== undefined && typeof given !== 'string')
    throw new errors.InvalidGrant('the scope of the ID-JAG is not a text');
  const granted = scopeTokens(given);
  const requested = [...new Set(scopeTokens(ctx.oidc.params?.['scope'] as string | undefined))];
  if (requested.length === 0) return granted.filter((name) => ofClient.includes(name));
  const beyond = requested.filter((name) => !ofClient.includes(name) || !granted.includes(name));
  if (beyond.length > 0)
    throw invalidScope('the ID-JAG or the client does not have all of this scope', beyond);
  return requested;
}
