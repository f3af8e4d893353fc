import { type Adapter, Provider } from 'oidc-provider';
import type { LimitName } from '../../../../config/limits.ts';
import type { RequestLimitCounter } from '../../../domain/limits/request-limits.ts';
import { setRateLimit } from '../../../http/rate-limit-fields.ts';
import { engineClientOf } from '../models.ts';

/**
 * Counts what is stored for a client against the client's limit. The engine has authenticated the client by then, so
 * failed attempts of others do not use up its limit. `upsert` throws `LimitReached`.
 */
export const limitedByClient = (
  name: LimitName,
  requestLimits: RequestLimitCounter,
  adapter: Adapter,
): Adapter => ({
  ...adapter,
  async upsert(id, payload, expiresIn) {
    const { ctx } = Provider;
    const client = ctx && engineClientOf(ctx)?.clientId;
    if (client) setRateLimit(ctx, await requestLimits.count(name, { client, ip: ctx.ip }));
    return adapter.upsert(id, payload, expiresIn);
  },
});
