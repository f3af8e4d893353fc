import { errors, Provider } from 'oidc-provider';
import { sha256 } from '../../../crypto/digest.ts';
import type { DevicePolls } from '../../../domain/grants/device/polling.ts';
import { mintUserCode } from '../../../domain/grants/device/user-code.ts';
import { UserCodeTakenError } from '../../../domain/short-lived/store.ts';
import { expiryOfDeviceCode, mintDeviceCode } from '../../../domain/tokens/value.ts';
import { forEngine } from '../errors.ts';
import { currentScope } from '../request-scope.ts';

/** The engine's device code, and what of its model decides how codes are made and found. */
interface DeviceCode {
  jti: string | undefined;
  iat?: number;
  exp?: number;
  expiration: number;
  clientId: string;
  accountId?: string;
  error?: string;
  isExpired: boolean;
  userCode: string;
}

interface DeviceCodeModel {
  prototype: {
    generateTokenId(this: DeviceCode): string;
    save(this: DeviceCode): Promise<string>;
  };
  find(value: string, options?: object): Promise<DeviceCode | undefined>;
}

/** Two codes in a row that are taken are bad luck; this many are a fault. */
const attempts = 10;

const now = () => Math.floor(Date.now() / 1000);

/** Gives device codes our values and user codes that are free, and answers who polls for them (RFC 8628 §3.5). */
export function useOurDeviceCodes(provider: Provider, { polls }: { polls: DevicePolls }): void {
  const model = provider.DeviceCode as unknown as DeviceCodeModel;
  const { find } = model;
  const { save } = model.prototype;

  model.prototype.generateTokenId = function () {
    this.iat ??= now();
    this.exp ??= this.iat + this.expiration;
    return mintDeviceCode(this.exp);
  };

  model.prototype.save = async function () {
    for (let attempt = 1; ; attempt++) {
      try {
        return await save.call(this);
      } catch (error) {
        if (!(error instanceof UserCodeTakenError) || attempt === attempts) throw error;
        this.userCode = mintUserCode();
      }
    }
  };

  model.find = async function (value, options) {
    if (!currentScope()?.work) return find.call(this, value, options);
    // What is none of ours is asked of no store.
    const expiresAt = expiryOfDeviceCode(value);
    if (expiresAt === undefined) return undefined;
    const code = await find.call(this, value, options);
    // The store forgot it, and the code itself has not.
    if (!code && expiresAt <= now()) throw new errors.ExpiredToken('device code is expired');
    if (code && isPending(code)) await enforcePollingInterval(code, value);
    return code;
  };

  /** Only its own client, and only while there is no answer, can be told to slow down. */
  async function enforcePollingInterval(code: DeviceCode, value: string): Promise<void> {
    const client = Provider.ctx?.oidc.client as
      | { clientId: string; enforce_polling_interval?: boolean }
      | undefined;
    if (client?.clientId !== code.clientId || client.enforce_polling_interval === false) return;
    const left = (code.exp ?? now()) - now();
    if (!(await forEngine(() => polls.admit(sha256(value), left))))
      throw new errors.SlowDown('wait longer between two requests');
  }
}

const isPending = ({ accountId, error, isExpired }: DeviceCode): boolean =>
  !accountId && !error && !isExpired;
