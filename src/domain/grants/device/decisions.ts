import type { Database, Statement } from '../../../../db/database.ts';
import { recordEvent } from '../../audit/events.ts';
import {
  type Approval,
  type Approved,
  decide,
  insertGrant,
  readDecision,
  selectDecision,
  unlessTooLate,
} from '../approval.ts';
import type { DeviceInfo } from '../types.ts';

/** What a device was answered, and what of an approval holds. Times are seconds since 1970. */
export interface DeviceDecision extends Approval {
  decision: 'approved' | 'denied';
  scope: string | null;
  resources: string[];
  authTime: number | null;
  /** Null where it was denied. */
  grantId: string | null;
}

/** A device that asks, and who answers it. */
export interface Answering {
  /** The digest of the device code. */
  code: Buffer;
  /** When the code expires, in seconds since 1970. */
  expiresAt: number;
  accountId: string;
  /** The public `client_id`. */
  clientId: string;
  device: DeviceInfo;
}

export interface DeviceApproval extends Answering, Approved {
  /** When the person gave a password, in seconds since 1970. */
  authTime?: number | undefined;
}

const find: Statement = {
  name: 'device-decision',
  text: selectDecision(
    'device_decision',
    `d.details->>'scope' as scope, d.details->'resources' as resources,
      g.epoch as "grantEpoch", g.payload as grant, a.epoch as "accountEpoch", a.roles`,
  ),
};

/**
 * What people answered devices. In Postgres always, one row a code: whoever is first has decided,
 * however many answer at once and whatever another store says of the code.
 */
export function createDeviceDecisions({ database }: { database: Database }) {
  return {
    /** What the device with this code was answered, and what time it is. */
    find: (code: Buffer) => readDecision<DeviceDecision>(database, find, [code]),

    /**
     * Lets a device in: a grant of its own, and the answer, in one transaction. False where it was
     * answered before, or its code has expired. Throws `access_denied` where the account or the client
     * may not, or not any more.
     */
    approve: (approval: DeviceApproval): Promise<boolean> =>
      unlessTooLate(database, approval.accountId, async (transaction) => {
        const { accountId, clientId, resources, lifetime, device, expiresAt } = approval;
        const { grantId, scope } = await insertGrant(transaction, approval, expiresAt);
        await decide(transaction, 'device_decision', {
          ...approval,
          id: approval.code,
          decision: 'approved',
          grantId,
          kept: { scope, resources: [...resources.keys()], auth_time: approval.authTime },
        });
        await recordEvent(transaction, {
          action: 'device.approved',
          target: { kind: 'grant', id: grantId },
          details: {
            account_id: accountId,
            client_id: clientId,
            scope,
            resources: [...resources.keys()],
            device_ip: device.ip,
            ...(lifetime !== undefined && { lifetime }),
          },
        });
      }),

    /** Keeps a device out. False where it was answered before, or its code has expired. */
    deny: (answering: Answering): Promise<boolean> =>
      unlessTooLate(database, answering.accountId, async (transaction) => {
        const { accountId, clientId, device } = answering;
        await decide(transaction, 'device_decision', {
          ...answering,
          id: answering.code,
          decision: 'denied',
          grantId: null,
          kept: {},
        });
        await recordEvent(transaction, {
          action: 'device.denied',
          target: { kind: 'client', id: clientId },
          details: { account_id: accountId, client_id: clientId, device_ip: device.ip },
        });
      }),
  };
}

export type DeviceDecisions = ReturnType<typeof createDeviceDecisions>;
