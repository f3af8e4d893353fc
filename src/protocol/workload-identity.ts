/**
 * WORKLOAD IDENTITY at the engine's endpoints: a token of a trusted issuer authenticates a client, as a client assertion (RFC 7523
 * §2.2) or as the assertion of the jwt-bearer grant (§2.1). The engine knows neither, so the client gets a secret that is valid
 * for this request alone (`WorkloadScope`).
 */
import { randomBytes } from 'node:crypto';
import { storedClientId } from '../domain/clients/lookup.ts';
import { IssuedTokenRefusal } from '../domain/issuers/types.ts';
import type { Workload, Workloads } from '../domain/issuers/workloads.ts';
import type { IsFirstUse } from '../domain/short-lived/replay-marks.ts';
import type { Form } from '../http/form.ts';
import { OAuthError } from '../oauth/errors.ts';
import { grantTypes } from '../oauth/grant-types.ts';
import { type Credentials, workloadOf } from './client-authentication.ts';
import type { WorkloadScope } from './engine/request-scope.ts';

/** The type (`typ`) of an ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant §3). */
export const idJagType = 'oauth-id-jag+jwt';

/** Whether a token says that it is an ID-JAG. It is not verified, and only its header is read. */
export function isIdJag(token: string): boolean {
  const header = token.slice(0, Math.min(token.indexOf('.'), maxHeader));
  try {
    const { typ } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    return String(typ).toLowerCase().endsWith(idJagType);
  } catch {
    return false;
  }
}

/** Characters of the header of an ID-JAG. */
const maxHeader = 4_000;

/**
 * Whether a request authenticates with the assertion of its grant: it has no other credentials, and the assertion is no grant of a
 * person's access.
 */
export const isWorkloadGrant = (authorization: string, form: Form): boolean =>
  form['grant_type'] === grantTypes.jwtBearer &&
  !authorization &&
  !form['client_secret'] &&
  !form['client_assertion'] &&
  Boolean(form['assertion']) &&
  !isIdJag(String(form['assertion']));

/** Reads the workload of a request. Throws `invalid_client`, for an assertion of the grant `invalid_grant`. */
export type ReadWorkload = (
  given: Credentials & { method: 'issued' },
  of: 'client' | 'grant',
) => Promise<WorkloadScope>;

export function createReadWorkload({
  workloads,
  isFirstUse,
}: {
  workloads: Pick<Workloads, 'identify'>;
  isFirstUse: IsFirstUse;
}): ReadWorkload {
  return async (given, of) => ({
    workload:
      of === 'client'
        ? await workloadOf(given, { workloads, isFirstUse })
        : await identifyGrant(workloads, given.assertion, given.clientId),
    of,
    secret: randomBytes(32).toString('base64url'),
  });
}

/**
 * The workload that the assertion of a grant identifies, for this client if one is named. The grant marks it as used with the commit
 * of its token. Throws `invalid_grant` (RFC 7521 §4.1.1).
 */
export async function identifyGrant(
  workloads: Pick<Workloads, 'identify'>,
  assertion: string,
  clientId: string | undefined,
): Promise<Workload> {
  try {
    return await workloads.identify(assertion, clientId && storedClientId(clientId));
  } catch (error) {
    if (!(error instanceof IssuedTokenRefusal)) throw error;
    throw new OAuthError('invalid_grant', error.sentence, { cause: error, reason: error.message });
  }
}
