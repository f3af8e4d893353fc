/**
 * Named tokens: personal access tokens of people, API tokens that backends create for their users, devices and tenants,
 * and the API keys of those backends. They have names, can be listed and searched, and can be changed while they are
 * active. Introspection and revocation treat them like all other tokens.
 *
 * Errors of every operation: `not_found` also for tokens that the actor cannot see, `access_denied` for more than the
 * actor has, `conflict` if something else must be done first, and `invalid_request`, `invalid_scope`, `invalid_target`
 * or `invalid_authorization_details` for invalid input.
 */
import type { Clock } from '../../database/clock.ts';
import { createApiKeys } from './api-keys.ts';
import { createApiTokens } from './api-tokens.ts';
import type { NamedTokenDependencies } from './dependencies.ts';
import { createNamedTokens } from './named-tokens.ts';
import { createPersonalTokens } from './personal-access-tokens.ts';
import type { NamedTokensDomain } from './types.ts';

/** Creates all operations on named tokens. */
export function createNamedTokensDomain({
  clock,
  ...dependencies
}: NamedTokenDependencies & { clock: Pick<Clock, 'requireAccurate'> }): NamedTokensDomain {
  const namedTokens = createNamedTokens(dependencies);
  /** Refuses to issue tokens while the clock of this process is wrong, because expiries are computed from it. */
  const withCorrectClock =
    <Args extends unknown[], Result>(create: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      clock.requireAccurate();
      return create(...args);
    };
  const apiTokens = createApiTokens({ ...dependencies, namedTokens });
  const personalTokens = createPersonalTokens(dependencies);
  const apiKeys = createApiKeys();
  return {
    namedTokens,
    apiTokens: { ...apiTokens, create: withCorrectClock(apiTokens.create) },
    personalTokens: {
      ...personalTokens,
      create: withCorrectClock(personalTokens.create),
      createBy: withCorrectClock(personalTokens.createBy),
      rotate: withCorrectClock(personalTokens.rotate),
    },
    apiKeys: {
      ...apiKeys,
      create: withCorrectClock(apiKeys.create),
      regenerate: withCorrectClock(apiKeys.regenerate),
    },
  };
}
