import type { Provider } from 'oidc-provider';
import type { IsFirstUse } from '../../../domain/short-lived/replay-marks.ts';
import { forEngine } from '../errors.ts';
import { modelsOf } from '../models.ts';

/**
 * Replaces `ReplayDetection.unique`, which reads and then writes: concurrent requests with the same JWT would all be
 * accepted.
 */
export function patchReplayDetection(provider: Provider, isFirstUse: IsFirstUse): void {
  modelsOf(provider).ReplayDetection.unique = (issuer, jti, expiresAt) =>
    forEngine(() => isFirstUse(issuer, jti, expiresAt));
}
