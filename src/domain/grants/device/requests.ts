import { sha256 } from '../../../crypto/digest.ts';
import type { Keyring } from '../../../crypto/sealing.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import type { Audit } from '../../audit/events.ts';
import type { Client, ClientLookup } from '../../clients/lookup.ts';
import type { Resources } from '../../resources/resources.ts';
import { openEphemeral } from '../../short-lived/sealing.ts';
import type { EphemeralStore } from '../../short-lived/store.ts';
import {
  beyond,
  decideOnce,
  describeRequestedAccess,
  type RequestedAccess,
  requireRoleFor,
  resolveRequestedAccess,
  scopesByResource,
} from '../requested-access.ts';
import type { Approver, DeviceInfo } from '../types.ts';
import type { Answering, DeviceDecisions } from './decisions.ts';
import type { DeviceLogins, DeviceRequest } from './types.ts';
import { readUserCode, showUserCode } from './user-code.ts';

interface Dependencies {
  apiResource: string;
  /** Where device codes are. */
  ephemeral: EphemeralStore;
  keyring: Keyring;
  clients: ClientLookup;
  resources: Resources;
  decisions: DeviceDecisions;
  audit: Pick<Audit, 'refused'>;
}

/** What the engine stored of a device that asks. */
interface Stored {
  jti: string;
  clientId: string;
  userCode: string;
  iat: number;
  exp: number;
  params: { scope?: string; resource?: string | string[] };
  deviceInfo: DeviceInfo;
}

/** A device that asks, with what its client may have at this moment of what it asks for. */
interface Asking extends Omit<Answering, 'accountId'>, RequestedAccess {
  payload: Stored;
  client: Client;
  device: DeviceInfo;
}

/**
 * Answers devices (RFC 8628 §3.3). It works on what the engine stored and needs no engine, so it is made
 * once, whatever keys come and go.
 */
export function createDeviceLogins({
  apiResource,
  ephemeral,
  keyring,
  clients,
  resources,
  decisions,
  audit,
}: Dependencies): DeviceLogins {
  const read = async (typed: string): Promise<Asking | undefined> => {
    const userCode = readUserCode(typed);
    const stored = await ephemeral.getByUserCode('DeviceCode', sha256(userCode));
    if (!stored) return undefined;
    const payload = openEphemeral<Stored>(keyring, 'DeviceCode', stored);
    const client = payload.userCode === userCode && (await clients(payload.clientId));
    if (!client) return undefined;
    return {
      code: stored.id,
      expiresAt: payload.exp,
      clientId: payload.clientId,
      payload,
      client,
      device: payload.deviceInfo,
      ...(await resolveRequestedAccess(client, payload.params, { resources, apiResource })),
    };
  };

  const describe = async (asking: Asking, { roles }: Approver): Promise<DeviceRequest> => {
    const { payload, client, device, expiresAt } = asking;
    const { now, decision } = await decisions.find(asking.code);
    const text = (name: string) => client.metadata[name] as string | undefined;
    return {
      userCode: showUserCode(payload.userCode),
      clientId: client.clientId,
      clientName: text('client_name') ?? client.clientId,
      app: client.app,
      clientUri: text('client_uri'),
      logoUri: text('logo_uri'),
      scopes: describeRequestedAccess(asking),
      beyond: beyond(asking, roles, apiResource),
      device,
      requestedAt: new Date(payload.iat * 1000),
      expiresAt: new Date(expiresAt * 1000),
      lifetimes: lifetimesOf(client),
      state: decision?.decision ?? (now < expiresAt ? 'pending' : 'expired'),
      answeredBy: decision?.accountId,
    };
  };

  const answer = (
    userCode: string,
    account: Approver,
    decide: (asking: Asking & Answering) => Promise<unknown>,
  ): Promise<DeviceRequest | undefined> =>
    decideOnce(
      () => read(userCode),
      (asking) => describe(asking, account),
      (asking) => decide({ ...asking, accountId: account.id }),
    );

  return {
    async find(userCode, account) {
      const asking = await read(userCode);
      return asking && describe(asking, account);
    },

    approve: (userCode, account, { lifetime } = {}) =>
      answer(userCode, account, async (asking) => {
        const choices = lifetimesOf(asking.client);
        if (lifetime !== undefined && !choices.includes(lifetime))
          throw new OAuthError(
            'invalid_request',
            'The login cannot last that long; choose another time.',
          );
        if (asking.isEmpty)
          throw new OAuthError(
            'access_denied',
            'The application may not have what it asks for any more.',
          );
        const role = await requireRoleFor(asking, account, {
          clientId: asking.clientId,
          apiResource,
          audit,
          action: 'device.approved',
        });
        await decisions.approve({
          ...asking,
          resources: scopesByResource(asking),
          lifetime: lifetime ?? choices[0],
          authTime: account.signedInAt && Math.floor(account.signedInAt.getTime() / 1000),
          role,
        });
      }),

    deny: (userCode, account) => answer(userCode, account, decisions.deny),
  };
}

const lifetimesOf = ({ metadata }: Client): number[] =>
  (metadata['device_lifetimes'] as number[] | undefined) ?? [];
