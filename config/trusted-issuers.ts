/** TRUSTED ISSUERS: what Writ knows about well-known ones, and the bounds of their tokens and keys. */

/** What the tokens of an issuer can be accepted for. */
export const issuerUses = [
  'workload_identity',
  'token_exchange',
  'id_jag',
  'software_statements',
] as const;

export type IssuerUse = (typeof issuerUses)[number];

/** Signature algorithms that an issuer can be allowed. None is symmetric: the keys are public. */
export const issuerAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'EdDSA',
] as const;

/** Those of an issuer for which none are named. */
export const defaultIssuerAlgorithms: readonly string[] = ['RS256', 'PS256', 'ES256', 'Ed25519'];

/** Settings of an issuer that a preset fills in. The caller's own values win. */
export interface IssuerPreset {
  name: string;
  /** Undefined if every installation has its own, which the caller names. */
  issuer?: string;
  algorithms: readonly string[];
  /** Whether a token can be used once. False where programs get the same token again and again. */
  single_use: boolean;
  /** The claims that rules are usually about. */
  claims: readonly string[];
}

export const issuerPresets = {
  // kubelet writes the token of a pod to a file and renews it after 80 % of its lifetime.
  kubernetes: {
    name: 'Kubernetes',
    algorithms: ['RS256', 'ES256'],
    single_use: false,
    claims: ['sub'],
  },
  github: {
    name: 'GitHub Actions',
    issuer: 'https://token.actions.githubusercontent.com',
    algorithms: ['RS256'],
    single_use: true,
    claims: ['repository', 'ref', 'environment', 'repository_owner_id'],
  },
  // The token is a variable of the job, so all steps of the job have the same one.
  gitlab: {
    name: 'GitLab',
    issuer: 'https://gitlab.com',
    algorithms: ['RS256'],
    single_use: false,
    claims: ['project_path', 'ref', 'ref_protected', 'environment'],
  },
  google: {
    name: 'Google Cloud',
    issuer: 'https://accounts.google.com',
    algorithms: ['RS256'],
    single_use: false,
    claims: ['sub', 'email'],
  },
  // Each AWS account has an issuer of its own for outbound identity federation.
  aws: {
    name: 'AWS',
    algorithms: ['RS256', 'ES384'],
    single_use: false,
    claims: ['sub'],
  },
  azure: {
    name: 'Microsoft Entra',
    issuer: 'https://login.microsoftonline.com/{tenant}/v2.0',
    algorithms: ['RS256'],
    single_use: false,
    claims: ['sub', 'oid', 'azp'],
  },
} as const satisfies Record<string, IssuerPreset>;

export type IssuerPresetName = keyof typeof issuerPresets;

/** Bounds of an installation. */
export const issuerLimits = {
  issuers: 100,
  rules: 200,
  /** Claims of one rule, and patterns of one claim. */
  claims: 20,
  patterns: 50,
  /** Characters of a pattern. */
  pattern: 500,
  audiences: 20,
  /** Keys of a key set, pasted or fetched. */
  keys: 100,
  /** Characters of the name of an issuer or a rule. */
  name: 60,
} as const;

/** Bounds of a token of an issuer. */
export const issuerTokens = {
  /** Characters. */
  maxLength: 16_000,
  /** Characters of a claim that a rule compares, such as `sub`. */
  maxClaim: 1_000,
  /** Seconds that clocks can differ. */
  clockTolerance: 30,
  /** Seconds since `iat`, at most and by default. */
  maxAge: 24 * 60 * 60,
  defaultAge: 60 * 60,
  /** Seconds between `iat` and `exp` of an ID-JAG, and of an assertion that is used once, at most. */
  singleUseLifetime: 60 * 60,
} as const;

/** Seconds that the access tokens issued for such a token live, at most and by default. */
export const issuedLifetime = { max: 24 * 60 * 60, default: 60 * 60 } as const;

/** When keys are fetched. Seconds, unless it says otherwise. */
export const issuerKeys = {
  /** Milliseconds of a request. */
  timeout: 5_000,
  maxBytes: 512 * 1024,
  /** How long fetched keys are used: what `Cache-Control` says, within these bounds. */
  minAge: 60,
  defaultAge: 10 * 60,
  maxAge: 24 * 60 * 60,
  /** How much longer they are used while the issuer does not answer. */
  graceAge: 60 * 60,
  /** Between two fetches for a key that is not known, and after a failed fetch. */
  pause: 30,
} as const;

/**
 * The claims of a rule in lines such as `sub=repo:acme/*`, each with its patterns. Throws what `refuse` returns for a line that is
 * not CLAIM=PATTERN.
 */
export function readClaims(
  lines: readonly string[],
  refuse: (line: string) => Error,
): Record<string, string[]> {
  const claims = new Map<string, string[]>();
  for (const line of lines) {
    const [, claim, pattern] = /^([^=\s]{1,200})\s*=\s*(\S.{0,499})$/.exec(line.trim()) ?? [];
    if (claim === undefined || pattern === undefined || claim === '__proto__') throw refuse(line);
    claims.set(claim, [...(claims.get(claim) ?? []), pattern]);
  }
  return Object.fromEntries(claims);
}
