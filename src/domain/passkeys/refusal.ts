import { networkOf } from '../limits/ip-address.ts';

/**
 * Why a passkey was refused. `wrong`: it is unknown, or its answer is not valid; the two are not told apart. `expired`: the
 * challenge has expired, was used, or belongs to another browser. `disabled`: its account is disabled. `unverified`: it did not
 * verify the person, so it only counts besides a password. `cloned`: its counter went back, so there is a copy of it.
 */
export type RefusalReason =
  | 'wrong'
  | 'expired'
  | 'disabled'
  | 'unverified'
  | 'cloned'
  | 'limited'
  | 'full'
  | 'known';

const wrong = 'This passkey does not work here. Use another one, or another way to sign in.';

const sentences: Record<RefusalReason, string> = {
  wrong,
  expired: 'This took too long, or was started in another browser. Try again.',
  // Only its owner gets here. The page for a disabled account with a password says no more either.
  disabled: wrong,
  unverified:
    'This passkey did not check who is using it, so it only works after your password. Sign in with your password first.',
  cloned:
    'This passkey was refused, because there seems to be a copy of it. Sign in another way, and remove it from your account.',
  limited: 'Too many attempts. Try again later.',
  full: 'Your account has as many passkeys as it can have. Remove one first.',
  known: 'This passkey has been added already.',
};

/** A refused passkey. */
export class PasskeyRefused extends Error {
  readonly reason: RefusalReason;
  /** Seconds to wait. */
  readonly retryAfter: number | undefined;
  /** The account of the passkey, only for the log. */
  accountId: string | undefined;

  constructor(
    reason: RefusalReason,
    {
      retryAfter,
      accountId,
      ...options
    }: ErrorOptions & { retryAfter?: number; accountId?: string | undefined } = {},
  ) {
    super(sentences[reason], options);
    this.name = 'PasskeyRefused';
    this.reason = reason;
    this.retryAfter = retryAfter;
    this.accountId = accountId;
  }
}

/** A refused passkey as it is logged: with the actual reason and the network. */
export const refusalOfPasskey = ({ reason, accountId }: PasskeyRefused, ip: string) => ({
  reason: `passkey: ${reason}`,
  accountId,
  network: networkOf(ip),
  isAuthentication: true,
});
