import { Provider } from 'oidc-provider';
import type { DevicePolls } from '../../../domain/grants/device/polling-interval.ts';
import { mintUserCode } from '../../../domain/grants/device/user-code.ts';
import { UserCodeTakenError } from '../../../domain/short-lived/store.ts';
import { mintDeviceCode } from '../../../domain/tokens/value.ts';
import { pollDeviceCode } from '../../token/device-code.ts';
import { engineClientOf, modelsOf } from '../models.ts';
import { currentScope } from '../request-scope.ts';

/** Two taken user codes in a row are bad luck; this many are a fault. */
const maxAttempts = 10;

/**
 * Replaces `DeviceCode.prototype.generateTokenId` (values that state their expiry), `.save` (a user code that is
 * taken is drawn again) and `DeviceCode.find` (the polling rules, which the engine leaves out).
 */
export function patchDeviceCodes(provider: Provider, { polls }: { polls: DevicePolls }): void {
  const { DeviceCode } = modelsOf(provider);
  const { find } = DeviceCode;
  const { save } = DeviceCode.prototype;

  DeviceCode.prototype.generateTokenId = function () {
    this.iat ??= Math.floor(Date.now() / 1000);
    this.exp ??= this.iat + this.expiration;
    return mintDeviceCode(this.exp);
  };

  DeviceCode.prototype.save = async function () {
    for (let attempt = 1; ; attempt++) {
      try {
        return await save.call(this);
      } catch (error) {
        if (!(error instanceof UserCodeTakenError) || attempt === maxAttempts) throw error;
        this.userCode = mintUserCode();
      }
    }
  };

  DeviceCode.find = async function (value, options) {
    const stored = () => find.call(this, value, options);
    if (!currentScope()?.work) return stored();
    const client = Provider.ctx && engineClientOf(Provider.ctx);
    return pollDeviceCode(value, { find: stored, client, polls });
  };
}
