import type { Provider } from 'oidc-provider';
import type { IsFirstUse } from '../../../domain/short-lived/replay-marks.ts';
import { forEngine } from '../errors.ts';
import { modelsOf } from '../models.ts';

/**
 * Replaces `ReplayDetection.unique`, which finds and then saves, so that of ten uses of one JWT at once all are
 * accepted.
 */
export function patchReplayDetection(provider: Provider, isFirstUse: IsFirstUse): void {
  modelsOf(provider).ReplayDetection.unique = (issuer, jti, expiresAt) =>
    forEngine(() => isFirstUse(issuer, jti, expiresAt));
}
