/**
 * TOKENS THAT SOMEBODY MADE AND OWNS: personal access tokens of people, API tokens that backends make for
 * their own users, devices and tenants, and the API keys of those backends. They have names, are listed and
 * searched, and can be changed until they end; introspection and revocation treat them like any other. What
 * somebody may not see does not exist for them: all that is here throws `not_found` for it, `access_denied`
 * for more than they have, `conflict` where something else must be done first, and `invalid_request`,
 * `invalid_scope`, `invalid_target` or `invalid_authorization_details` for what cannot be.
 */
import type { Clock } from '../../database/clock.ts';
import { createApiKeys } from './api-keys.ts';
import { createApiTokens } from './api-tokens.ts';
import type { NamedTokenDependencies } from './dependencies.ts';
import { createNamedTokens } from './named-tokens.ts';
import { createPersonalTokens } from './personal-access-tokens.ts';
import type { NamedTokensDomain } from './types.ts';

/** Everything of owned tokens, over one database. */
export function createNamedTokensDomain({
  clock,
  ...dependencies
}: NamedTokenDependencies & { clock: Pick<Clock, 'requireRight'> }): NamedTokensDomain {
  const namedTokens = createNamedTokens(dependencies);
  /** What makes tokens does not while the clock is wrong. */
  const byClock =
    <Given extends unknown[], Made>(make: (...given: Given) => Promise<Made>) =>
    async (...given: Given): Promise<Made> => {
      clock.requireRight();
      return make(...given);
    };
  const apiTokens = createApiTokens({ ...dependencies, namedTokens });
  const personalTokens = createPersonalTokens(dependencies);
  const apiKeys = createApiKeys();
  return {
    namedTokens,
    apiTokens: { ...apiTokens, create: byClock(apiTokens.create) },
    personalTokens: {
      ...personalTokens,
      create: byClock(personalTokens.create),
      createBy: byClock(personalTokens.createBy),
      rotate: byClock(personalTokens.rotate),
    },
    apiKeys: {
      ...apiKeys,
      create: byClock(apiKeys.create),
      regenerate: byClock(apiKeys.regenerate),
    },
  };
}
