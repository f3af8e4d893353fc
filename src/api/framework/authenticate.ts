import type { Context } from 'koa';
import { thumbprintOf } from '../../domain/clients/certificates.ts';
import { apiResource } from '../../domain/installation/installation.ts';
import type { IsFirstUse } from '../../domain/short-lived/replay-marks.ts';
import type { FindPrincipal, Principal } from '../../domain/tokens/principal.ts';
import { isNamedToken } from '../../domain/tokens/value.ts';
import { accessTokenIn } from '../../http/authorization.ts';
import type { ReadCertificate } from '../../http/client-certificate.ts';
import { tokenExpiration, tokenExpirationHeader } from '../../http/token-expiration.ts';
import { bearerChallenge, dpopChallenge } from '../../oauth/challenges.ts';
import {
  type DpopNonces,
  type DpopProof,
  dpopAlgs,
  InvalidProof,
  proofMemory,
  verifyProof,
} from '../../oauth/dpop.ts';
import { type ErrorCode, OAuthError } from '../../oauth/errors.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { resourceMetadataUrl } from '../../oauth/protected-resource.ts';
import type { Operation } from './operation.ts';

/**
 * Throws `invalid_token`, with the scope of the operation in the challenge. With access `self`, accepts any active token,
 * whatever its audience.
 */
export type Authenticate = (
  ctx: Context,
  operation: { scope?: Operation['scope'] | undefined; access?: 'self' | undefined },
) => Promise<Principal>;

interface Dependencies {
  issuer: string;
  findPrincipal: FindPrincipal;
  isFirstUse: IsFirstUse;
  /** The nonces that DPoP proofs need; undefined if they need none. */
  nonces: DpopNonces | undefined;
  certificateOf: ReadCertificate;
}

/**
 * Authentication with a token for Writ's own API: Bearer (RFC 6750 §2.1), or DPoP (RFC 9449 §7.1) for one that is bound
 * to a key. One that is bound to a certificate needs that certificate (RFC 8705 §3).
 */
export function createAuthenticate({
  issuer,
  findPrincipal,
  isFirstUse,
  nonces,
  certificateOf,
}: Dependencies): Authenticate {
  type Refuse = (code: ErrorCode, message: string) => OAuthError;

  /** Verifies the proof of a request. Throws `invalid_dpop_proof` and `use_dpop_nonce`. */
  const proofOf = (ctx: Context, accessToken: string, refuse: Refuse): DpopProof => {
    let proof: DpopProof;
    try {
      proof = verifyProof(ctx.get('DPoP'), {
        method: ctx.method,
        url: urlOf(issuer, ctx.path),
        accessToken,
        needsNonce: nonces !== undefined,
      });
    } catch (error) {
      if (!(error instanceof InvalidProof)) throw error;
      throw refuse('invalid_dpop_proof', error.message);
    }
    if (!nonces) return proof;
    const current = nonces.current();
    if (proof.nonce !== current) ctx.set('DPoP-Nonce', current);
    if (!nonces.accepts(proof.nonce))
      throw refuse('use_dpop_nonce', 'The DPoP proof needs the nonce of the header DPoP-Nonce.');
    return proof;
  };

  return async (ctx, { access, scope }) => {
    const refuse: Refuse = (code, message) =>
      challenge(ctx, new OAuthError(code, message), { issuer, scope });
    const presented = accessTokenIn(ctx.get('authorization'));
    if (!presented)
      throw refuse(
        'invalid_token',
        'Send an API key or an access token: Authorization: Bearer TOKEN',
      );
    const proof = presented.scheme === 'dpop' ? proofOf(ctx, presented.value, refuse) : undefined;
    const certificate = certificateOf(ctx.req);
    const principal = await findPrincipal(presented.value, access, {
      scope,
      jkt: proof?.jkt,
      certificate: certificate && thumbprintOf(certificate),
    });
    if (!principal)
      throw refuse('invalid_token', 'The token is not active, or not a token for this API.');
    // Only now, so that strangers cannot fill the store.
    const expiresAt = Date.now() / 1000 + proofMemory;
    if (proof && !(await isFirstUse(proof.jkt, proof.jti, expiresAt)))
      throw refuse('invalid_dpop_proof', 'The DPoP proof was already used. Sign a new one.');
    const { token } = principal;
    const expiration = isNamedToken(token.kind) && tokenExpiration(token.expiresAt);
    if (expiration) ctx.set(tokenExpirationHeader, expiration);
    return principal;
  };
}

/** The token in the `Authorization` header; undefined without one. */
export const tokenOf = (ctx: Context): string | undefined =>
  accessTokenIn(ctx.get('authorization'))?.value;

/**
 * Throws `insufficient_scope` (RFC 6750 §3.1) with the required scope. API keys of clients can call only the
 * operations that are declared for them, because other operations do not limit their caller to one client.
 */
export function requireScope(
  ctx: Context,
  { scopes, tokenActor }: Principal,
  { scope, apiKeys }: Pick<Operation, 'scope' | 'apiKeys'>,
  issuer: string,
): void {
  if (scope === undefined || !scopes.has(scope))
    throw challenge(
      ctx,
      new OAuthError('insufficient_scope', `This operation requires the scope ${scope}.`),
      { issuer, scope },
    );
  if (tokenActor.kind === 'client' && !apiKeys)
    throw challenge(
      ctx,
      new OAuthError(
        'insufficient_scope',
        'An API key of a client can call only the operations on tokens.',
      ),
      { issuer },
    );
}

function challenge(
  ctx: Context,
  error: OAuthError,
  { issuer, scope }: { issuer: string; scope?: string | undefined },
): OAuthError {
  const header = ctx.get('authorization');
  const resourceMetadata = resourceMetadataUrl(apiResource(issuer));
  const protection = { realm: issuer, scope, resourceMetadata };
  ctx.set(
    'WWW-Authenticate',
    accessTokenIn(header)?.scheme === 'dpop'
      ? dpopChallenge(error, { ...protection, algs: dpopAlgs })
      : bearerChallenge(header, error, protection),
  );
  return error;
}
