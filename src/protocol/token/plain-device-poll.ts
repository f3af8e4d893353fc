/**
 * THE FAST PATH of the device code grant (RFC 8628 §3.4, §3.5), for what devices ask again and again: whether the person has
 * decided. It answers only that no one has; it issues nothing and redeems nothing. As soon as there is a decision, and for
 * everything else, the request takes the engine's path. test/protocol/device/plain-poll.test.ts compares both.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { sha256 } from '../../crypto/digest.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import type { PollLookup } from '../../domain/grants/device/poll-lookup.ts';
import type { DevicePolls } from '../../domain/grants/device/polling-interval.ts';
import { openEphemeral } from '../../domain/short-lived/sealing.ts';
import type { EphemeralRecord, EphemeralStore } from '../../domain/short-lived/store.ts';
import { expiryOfDeviceCode } from '../../domain/tokens/value.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { notPlain, type PlainGrant } from './plain-requests.ts';

interface Dependencies {
  ephemeral: Pick<EphemeralStore, 'get'>;
  keyring: Keyring;
  findPolled: PollLookup;
  polls: DevicePolls;
}

/** The stored device code, as far as a pending one matters here. */
interface StoredCode {
  clientId?: string;
  /** Seconds since 1970. */
  exp?: number;
  accountId?: string;
  grantId?: string;
  error?: string;
}

/** The fast path, and the polling times for the engine's path. */
export interface PlainDevicePoll {
  grant: PlainGrant;
  /** One request polls once: a poll that the fast path has refused stays refused. */
  polls: DevicePolls;
}

/** The reason of the fast path for a poll that comes too soon. */
const tooSoon = new Error('too soon');

/** The response while no one has decided, in the words of the engine. */
const pending = {
  error: 'authorization_pending',
  error_description:
    "authorization request is still pending as the end-user hasn't yet completed the user interaction steps",
};

export function createPlainDevicePoll({
  ephemeral,
  keyring,
  findPolled,
  polls,
}: Dependencies): PlainDevicePoll {
  const refused = new AsyncLocalStorage<true>();
  return {
    grant: {
      grantType: grantTypes.deviceCode,
      parameters: ['device_code'],
      isForPublicClients: true,

      begin({ device_code: value = '' }) {
        const now = Math.floor(Date.now() / 1000);
        if ((expiryOfDeviceCode(value) ?? 0) <= now) throw notPlain;
        const id = sha256(value);
        let reading: Promise<EphemeralRecord | undefined>;
        let isPending = false;
        return {
          async find(clientId) {
            reading = ephemeral.get('DeviceCode', id);
            // If the client is refused, no one asks for it.
            reading.catch(() => {});
            const { client, isDecided } = await findPolled(clientId, id);
            isPending = !isDecided;
            return client;
          },

          async respond({ clientId, metadata }) {
            const stored = await reading;
            if (!stored || !isPending) throw notPlain;
            const code = openEphemeral<StoredCode>(keyring, 'DeviceCode', stored);
            const { exp = 0, accountId, grantId, error } = code;
            if (code.clientId !== clientId || exp <= now || accountId || grantId || error)
              throw notPlain;
            const hasInterval = metadata['enforce_polling_interval'] !== false;
            if (hasInterval && !(await polls.admit(id, exp - now))) throw tooSoon;
            return { status: 400, body: pending };
          },
        };
      },

      resume: (reason, next) => (reason === tooSoon ? refused.run(true, next) : next()),
    },

    polls: {
      admit: async (code, lifetime) => !refused.getStore() && (await polls.admit(code, lifetime)),
    },
  };
}
