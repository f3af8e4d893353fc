/**
 * HOW A PERSON SIGNED IN, as clients and APIs learn it: `acr` (OpenID Connect Core §2) and `amr` (RFC 8176), in ID tokens,
 * JWT access tokens (RFC 9068 §2.2.1) and introspection responses (RFC 9470 §6).
 */

/** Authentication context classes: one factor, such as a password; two, or a passkey that verified its user. */
export const acr = { oneFactor: '1', twoFactors: '2' } as const;

export const acrValues: readonly string[] = Object.values(acr);

/** Whether a sign-in of class `given` is as good as one of `wanted`: two factors are also one. */
export const satisfiesAcr = (given: string | undefined, wanted: readonly string[]): boolean =>
  given !== undefined &&
  (wanted.includes(given) || (given === acr.twoFactors && wanted.includes(acr.oneFactor)));

export interface AuthenticationContext {
  acr: string;
  amr: string[];
}

/** The context of a session. `factorAt` says when a second factor was last proven in it; null if never. */
export const contextOf = ({
  amr,
  factorAt,
}: {
  amr: readonly string[];
  factorAt: Date | null;
}): AuthenticationContext => ({
  acr: factorAt === null ? acr.oneFactor : acr.twoFactors,
  amr: [...amr],
});

/** The context of logins whose sign-in stored none: older versions knew passwords only. */
export const passwordContext: AuthenticationContext = { acr: acr.oneFactor, amr: ['pwd'] };
