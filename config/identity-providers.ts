/** OTHER IDENTITY PROVIDERS: what Writ knows about well-known ones, and the bounds of talking to any of them. */

/** Settings of a provider that a preset fills in. The caller's own values win. */
export interface ProviderPreset {
  kind: 'oidc' | 'github';
  name: string;
  /** `{tenant}` is replaced by the tenant that the caller names. */
  issuer: string;
  scopes: readonly string[];
  /** Whether its word that an address is verified can be relied on. */
  trusts_email: boolean;
}

const openId = ['openid', 'profile', 'email'] as const;

export const providerPresets = {
  google: {
    kind: 'oidc',
    name: 'Google',
    issuer: 'https://accounts.google.com',
    scopes: openId,
    trusts_email: true,
  },
  // The address in its tokens is whatever the tenant's administrator entered, so it proves nothing by default.
  microsoft: {
    kind: 'oidc',
    name: 'Microsoft',
    issuer: 'https://login.microsoftonline.com/{tenant}/v2.0',
    scopes: openId,
    trusts_email: false,
  },
  gitlab: {
    kind: 'oidc',
    name: 'GitLab',
    issuer: 'https://gitlab.com',
    scopes: openId,
    trusts_email: true,
  },
  github: {
    kind: 'github',
    name: 'GitHub',
    issuer: 'https://github.com',
    scopes: ['read:user', 'user:email'],
    trusts_email: true,
  },
} as const satisfies Record<string, ProviderPreset>;

export type PresetName = keyof typeof providerPresets;

/** Bounds of an installation. */
export const providerLimits = {
  /** Providers; the sign-in page shows a button for each. */
  providers: 50,
  domains: 200,
  roleRules: 100,
  /** Characters of a provider's name on its button. */
  name: 40,
  /** Identities of one account. */
  identities: 20,
} as const;

/** Bounds of requests to providers. */
export const providerRequests = {
  /** Milliseconds for each request. */
  timeout: 5_000,
  /** Bytes of a response. */
  maxBytes: 512 * 1024,
  /** Seconds that a discovery document is used before it is read again. */
  discoveryAge: 60 * 60,
  /** Seconds that clocks can differ. */
  clockTolerance: 30,
} as const;

/** Lifetimes in seconds. */
export const providerLifetimes = {
  /** From the button to the return of the browser. */
  flow: 10 * 60,
  /** From the return with an unknown identity until the person has proven their account as well. */
  pendingIdentity: 30 * 60,
  /** The maximum age of a logout token, whose `jti` is remembered for as long. */
  logoutToken: 5 * 60,
} as const;
