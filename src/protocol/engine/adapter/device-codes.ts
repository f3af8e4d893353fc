import type { Adapter } from 'oidc-provider';
import { sha256 } from '../../../crypto/digest.ts';
import type { DeviceDecisions } from '../../../domain/grants/device/decisions.ts';
import { decidedDeviceCode, deviceCodeRedemption } from '../../token/device-code.ts';
import { type EphemeralStores, ephemeralAdapter } from './ephemeral.ts';

/**
 * Device codes. The stored record is never rewritten; the person's decision is read from Postgres each time, so it does
 * not depend on what the short-lived store remembers.
 */
export function deviceCodeAdapter({
  deviceDecisions,
  ...stores
}: EphemeralStores & { deviceDecisions: DeviceDecisions }): Adapter {
  const codes = ephemeralAdapter('DeviceCode', stores, deviceCodeRedemption);
  return {
    ...codes,
    async find(id) {
      const [code, { decision }] = await Promise.all([
        codes.find(id),
        deviceDecisions.find(sha256(id)),
      ]);
      return code && decision ? { ...code, ...decidedDeviceCode(code, decision) } : code;
    },
  };
}
