import type { Session } from '../../domain/accounts/sessions.ts';
import type { FactorNeed } from '../../domain/grants/factor-need.ts';
import { isFresh } from './browser-session.ts';
import { enrolPath, type Freshness, factorPath, signInPath } from './return-to.ts';

/** What a person must have proven for a page. */
export interface RequiredProof {
  /** How recent the sign-in must be. What needs a recent one also needs a recent second factor, if the account has one. */
  recent?: Freshness | undefined;
  /** The second factor of an account that has one must be as recent as for changes of credentials, whatever `recent` says. */
  recentFactor?: boolean | undefined;
  /** A second factor must have been proven in the session; if it is required, a person who has none sets one up first. */
  factor?: FactorNeed;
}

/**
 * THE PROOF THAT A SESSION LACKS: the page on which its person proves it, and which returns to `returnTo`; undefined if it
 * lacks none. A second factor that a policy requires of the account comes first, whatever the page.
 */
export function pageOfMissingProof(
  session: Session,
  { recent = false, recentFactor = false, factor }: RequiredProof,
  returnTo: string,
): string | undefined {
  if (session.mustEnrol) return enrolPath(returnTo);
  if (recent === true && session.lacksFactor) return factorPath(returnTo);
  if (!isFresh(session, recent)) return signInPath(returnTo, recent);
  if (recentFactor && session.lacksFactor) return factorPath(returnTo);
  if (!factor || session.factorAt !== null) return undefined;
  if (session.hasFactor) return factorPath(returnTo);
  return factor === 'required' ? enrolPath(returnTo) : undefined;
}
