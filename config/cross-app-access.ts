/** CROSS-APP ACCESS: the bounds of ID-JAGs that Writ issues, and of the rules for them. */

/** Seconds that an ID-JAG lives, by default and at most. The other server accepts it once, so minutes are enough. */
export const idJagLifetime = { default: 5 * 60, max: 60 * 60 } as const;

/** Bounds of an installation, and of one rule. */
export const crossAppLimits = {
  all: 1_000,
  resources: 50,
  scopes: 100,
  roles: 50,
} as const;
