/** THE JWT BEARER GRANT (RFC 7523 §2.1): a token for the client that a trusted issuer's token identifies. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { issuerTokens } from '../../../config/trusted-issuers.ts';
import { sha256 } from '../../crypto/digest.ts';
import type { Workload, Workloads } from '../../domain/issuers/workloads.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { forEngine } from '../engine/errors.ts';
import { engineClientOf } from '../engine/models.ts';
import { currentScope } from '../engine/request-scope.ts';
import { identifyGrant, isIdJag } from '../workload-identity.ts';
import { handleClientCredentials } from './client-credentials.ts';

interface Dependencies {
  workloads: Pick<Workloads, 'identify'>;
  /** The engine's handler of the client credentials grant. */
  issueOwnToken: () => unknown;
  /** Handles an ID-JAG (id-jag.ts). */
  issueForPerson: () => unknown;
}

/** Issues what the client credentials grant would, within the rule of the token's issuer; for an ID-JAG, a token for its person. */
export async function handleJwtBearer(
  ctx: KoaContextWithOIDC,
  { workloads, issueOwnToken, issueForPerson }: Dependencies,
): Promise<void> {
  if (isIdJag(await forEngine(async () => assertionOf(ctx)))) {
    await issueForPerson();
    return;
  }
  const workload = await forEngine(() => readWorkload(ctx, workloads));
  consumeAssertion(workload.issuer.issuer, workload.jti, workload.expiresAt);
  await handleClientCredentials(ctx, issueOwnToken);
}

/** The workload that the gate has read, or that a client with other credentials presents. */
async function readWorkload(
  ctx: KoaContextWithOIDC,
  workloads: Pick<Workloads, 'identify'>,
): Promise<Workload> {
  const scope = currentScope();
  if (!scope) throw new Error('no request scope');
  if (scope.workload?.of === 'grant') return scope.workload.workload;
  if (scope.workload)
    throw new OAuthError(
      'invalid_request',
      'Send the token of the trusted issuer once: as client_assertion, or as assertion.',
    );
  const workload = await identifyGrant(workloads, assertionOf(ctx), engineClientOf(ctx)?.clientId);
  scope.workload = { workload, of: 'grant', secret: '' };
  return workload;
}

/** The assertion of the request. Throws `invalid_request` without one. */
export function assertionOf({ oidc }: KoaContextWithOIDC): string {
  const { assertion } = oidc.params ?? {};
  if (typeof assertion !== 'string' || assertion === '')
    throw new OAuthError('invalid_request', 'Send a JWT in the parameter assertion.', {
      parameter: 'assertion',
    });
  return assertion;
}

/** Marks an assertion as used in the statement that stores its token, so that of several requests exactly one gets a token. */
export function consumeAssertion(issuer: string, jti: string | undefined, expiresAt: number): void {
  const work = currentScope()?.work;
  if (jti === undefined || !work) return;
  const value = JSON.stringify([issuer, jti]);
  work.consumed = {
    kind: 'Assertion',
    value,
    of: { code: sha256(value) },
    policy: {
      retainSeconds:
        Math.max(1, Math.ceil(expiresAt - Date.now() / 1000)) + 2 * issuerTokens.clockTolerance,
      repeatsResponse: false,
      revokesOnOtherUse: false,
    },
  };
}
