/**
 * The claims about a person that each scope gives (OpenID Connect Core §5.4). `roles` and `groups` are the same list,
 * under the two names that products read.
 */
export const claimsByScope: Readonly<Record<string, readonly string[]>> = {
  profile: [
    'name',
    'given_name',
    'family_name',
    'nickname',
    'picture',
    'locale',
    'zoneinfo',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  roles: ['roles'],
  groups: ['groups'],
};

/** The scope that gives a claim; undefined for a claim that is unknown, or not about the person. */
export const scopeOfClaim = (claim: string): string | undefined =>
  Object.keys(claimsByScope).find((scope) => claimsByScope[scope]?.includes(claim));
