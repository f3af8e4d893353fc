import { type ErrorDetail, OAuthError } from './errors.ts';

/**
 * Runs every check in order and returns their results by name. If any of them throws an OAuthError, throws a single
 * one after the last check: the code of the first, and every problem in `details`. Any other error is thrown at once.
 *
 * ```ts
 * const { name, expiresAt } = await checkEach({
 *   name: () => displayName(given.name, rule),
 *   expiresAt: () => expiryOf(given),
 * });
 * ```
 */
export async function checkEach<Results extends Record<string, unknown>>(
  checks: {
    [Name in keyof Results]: () => Results[Name] | Promise<Results[Name]>;
  },
): Promise<Results> {
  const results: Partial<Results> = {};
  const errors: OAuthError[] = [];
  for (const name of Object.keys(checks) as (keyof Results)[]) {
    try {
      results[name] = await checks[name]();
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      errors.push(error);
    }
  }
  const [first, ...others] = errors;
  if (!first) return results as Results;
  if (others.length === 0) throw first;
  throw new OAuthError(first.code, errors.map(({ message }) => message).join(' '), {
    details: errors.flatMap(detailsOf),
  });
}

const detailsOf = ({ details, message, kind }: OAuthError): readonly ErrorDetail[] =>
  details.length > 0 ? details : [{ message, ...(kind && { kind }) }];
