/**
 * PASSKEYS (WebAuthn): adding them to an account, signing in with them, managing them. It knows no page and no browser; the
 * script of the pages is `views/assets/passkeys.ts`.
 */
import type { Database } from '../../../db/database.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import type { FactorPolicy } from '../accounts/factor-policy.ts';
import type { RecoveryCodes } from '../accounts/recovery-codes.ts';
import type { SignInCompletion } from '../accounts/sign-in-completion.ts';
import type { Limits } from '../limits/rate-limits.ts';
import { createAssertions } from './assertions.ts';
import { createChallenges } from './challenges.ts';
import { createPasskeys } from './passkeys.ts';
import { createPasskeyRegistration } from './registration.ts';
import type { RelyingParty } from './relying-party.ts';
import { createPasskeySignIn } from './sign-in.ts';

/** `relyingParty`: undefined if browsers allow this server no passkeys. */
export function createPasskeysDomain({
  database,
  keyring,
  limits,
  completion,
  recoveryCodes,
  rememberedBrowserDays,
  factorPolicy,
  relyingParty,
}: {
  database: Database;
  keyring: Keyring;
  limits: Limits;
  completion: Pick<SignInCompletion, 'completeSignIn' | 'continueSignIn'>;
  recoveryCodes: Pick<RecoveryCodes, 'issueIfNone'>;
  /** How long browsers can be remembered; 0: not. */
  rememberedBrowserDays: number;
  factorPolicy: Pick<FactorPolicy, 'requireNotNeeded'>;
  relyingParty: RelyingParty | undefined;
}) {
  if (!relyingParty) return undefined;
  const challenges = createChallenges(keyring);
  const shared = { database, challenges, relyingParty };
  const assertions = createAssertions(shared);
  return {
    relyingParty,
    ...createPasskeys({ database, factorPolicy }),
    registration: createPasskeyRegistration({ ...shared, recoveryCodes }),
    signIn: createPasskeySignIn({ assertions, completion, limits, rememberedBrowserDays }),
  };
}

export type PasskeysDomain = NonNullable<ReturnType<typeof createPasskeysDomain>>;
