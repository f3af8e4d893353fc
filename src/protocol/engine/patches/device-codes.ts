import { Provider } from 'oidc-provider';
import type { DevicePolls } from '../../../domain/grants/device/polling-interval.ts';
import { mintUserCode } from '../../../domain/grants/device/user-code.ts';
import { UserCodeTakenError } from '../../../domain/short-lived/store.ts';
import { mintDeviceCode } from '../../../domain/tokens/value.ts';
import { pollDeviceCode } from '../../token/device-code.ts';
import { engineClientOf, modelsOf } from '../models.ts';
import { currentScope } from '../request-scope.ts';

/** How many times a taken user code is replaced; more collisions in a row are a fault. */
const maxAttempts = 10;

/**
 * Replaces `DeviceCode.prototype.generateTokenId` (the value states its expiry), `DeviceCode.prototype.save` (a new
 * user code if the first is taken) and `DeviceCode.find` (the polling rules, which the engine lacks).
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
