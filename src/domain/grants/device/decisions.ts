import type { Database, Statement } from '../../../../db/database.ts';
import {
  createDecisions,
  type DecisionRow,
  type DecisionTarget,
  selectDecision,
} from '../decide-once.ts';
import type { GrantState } from '../grant-state.ts';
import type { DeviceInfo } from '../types.ts';

/** The decision about a device, and the state of its grant, from which the engine issues tokens. */
export interface DeviceDecisionRow extends DecisionRow, GrantState {
  scope: string | null;
  resources: string[];
}

/** A pending device request, by the digest of its device code. */
export interface DeviceDecisionTarget extends DecisionTarget {
  device: DeviceInfo;
}

const statement: Statement = {
  name: 'device-decision',
  text: selectDecision(
    'device_decision',
    `d.details->>'scope' as scope, d.details->'resources' as resources,
      g.epoch as "grantEpoch", g.payload as grant, a.epoch as "accountEpoch", a.roles`,
  ),
};

/** Decisions about devices (RFC 8628 §3.3). */
export const createDeviceDecisions = ({ database }: { database: Database }) =>
  createDecisions<DeviceDecisionTarget, DeviceDecisionRow>(database, {
    table: 'device_decision',
    statement,
    redeemableUntil: ({ expiresAt }) => expiresAt,
    details: ({ resources, authTime, context }, scope) => ({
      scope,
      resources: [...resources.keys()],
      auth_time: authTime,
      context,
    }),
    approvedEvent: (
      { accountId, clientId, resources, authorizationDetails, device, lifetime },
      { grantId, scope },
    ) => ({
      action: 'device.approved',
      target: { kind: 'grant', id: grantId },
      details: {
        account_id: accountId,
        client_id: clientId,
        scope,
        resources: [...resources.keys()],
        ...(authorizationDetails?.length && { authorization_details: authorizationDetails }),
        device_ip: device.ip,
        ...(lifetime !== undefined && { lifetime }),
      },
    }),
    deniedEvent: ({ accountId, clientId, device }) => ({
      action: 'device.denied',
      target: { kind: 'client', id: clientId },
      details: { account_id: accountId, client_id: clientId, device_ip: device.ip },
    }),
  });

export type DeviceDecisions = ReturnType<typeof createDeviceDecisions>;
