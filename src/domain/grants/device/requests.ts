import type { Keyring } from '../../../crypto/sealing.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Refusals } from '../../audit/refusals.ts';
import type { Client, ClientLookup } from '../../clients/lookup.ts';
import type { Resources } from '../../resources/resources.ts';
import type { Roles } from '../../roles/roles.ts';
import { openEphemeral } from '../../short-lived/sealing.ts';
import type { EphemeralStore } from '../../short-lived/store.ts';
import type { DescribeDetail } from '../detail-descriptions.ts';
import { createPendingRequests, type PendingRequest } from '../pending-requests.ts';
import { type RequestedAccess, resolveRequestedAccess } from '../requested-access.ts';
import type { DeviceInfo } from '../types.ts';
import type { DeviceDecisions } from './decisions.ts';
import type { DeviceRequests, DeviceRule } from './types.ts';
import { findByUserCode, formatUserCode, normalizeUserCode } from './user-code.ts';

interface Dependencies {
  apiResource: string;
  /** The store of the engine's device codes. */
  ephemeral: EphemeralStore;
  keyring: Keyring;
  clients: ClientLookup;
  resources: Resources;
  deviceDecisions: DeviceDecisions;
  describeDetail?: DescribeDetail | undefined;
  roles: Pick<Roles, 'named'>;
  /** By the public `client_id`. */
  rules?: ReadonlyMap<string, DeviceRule> | undefined;
  audit: Pick<Refusals, 'refused'>;
  accounts: Pick<Accounts, 'describe' | 'ownerOfApp'>;
}

/** The engine's DeviceCode model, as stored. */
interface DeviceCodePayload {
  jti: string;
  clientId: string;
  userCode: string;
  iat: number;
  exp: number;
  params: {
    scope?: string;
    resource?: string | string[];
    authorization_details?: string;
    claims?: string;
  };
  deviceInfo: DeviceInfo;
}

interface PendingDeviceRequest extends PendingRequest {
  payload: DeviceCodePayload;
  asksForEverything: boolean;
  device: DeviceInfo;
}

/**
 * Shows and decides about device requests (RFC 8628 §3.3). Reads the engine's stored device codes directly and does not
 * use the engine, which is recreated whenever signing keys change.
 */
export function createDeviceRequests({
  apiResource,
  ephemeral,
  keyring,
  clients,
  resources,
  deviceDecisions,
  describeDetail,
  roles,
  rules = new Map(),
  audit,
  accounts,
}: Dependencies): DeviceRequests {
  const read = async (typed: string): Promise<PendingDeviceRequest | undefined> => {
    const userCode = normalizeUserCode(typed);
    const stored = await findByUserCode({ store: ephemeral, keyring }, 'DeviceCode', userCode);
    if (!stored) return undefined;
    const payload = openEphemeral<DeviceCodePayload>(keyring, 'DeviceCode', stored);
    const client = payload.userCode === userCode && (await clients(payload.clientId));
    const rule = rules.get(payload.clientId);
    if (!client || rule?.isClosed) return undefined;
    return {
      id: stored.id,
      expiresAt: payload.exp,
      clientId: payload.clientId,
      payload,
      params: payload.params,
      client,
      device: payload.deviceInfo,
      permission: rule?.permission,
      isNarrowed: rule?.isNarrowed,
      asksForEverything: scopeTokens(payload.params.scope).some((name) => name === rule?.fullScope),
      requested: await resolveRequestedAccess(client, payload.params, { resources, apiResource }),
    };
  };

  return createPendingRequests({
    apiResource,
    describeDetail,
    audit,
    accounts,
    roles,
    decisions: deviceDecisions,
    action: 'device.approved',
    read,
    describe: ({ payload, client, device, asksForEverything }: PendingDeviceRequest) => ({
      userCode: formatUserCode(payload.userCode),
      logoUri: client.metadata['logo_uri'] as string | undefined,
      device,
      requestedAt: new Date(payload.iat * 1000),
      asksForEverything,
      lifetimes: lifetimesOf(client),
    }),
    choose(
      { client, clientId, requested, device },
      _account,
      choice?: { lifetime?: number | undefined },
    ) {
      const choices = lifetimesOf(client);
      const lifetime = choice?.lifetime;
      if (lifetime !== undefined && !choices.includes(lifetime))
        throw new OAuthError(
          'invalid_request',
          'The device cannot stay connected for that long. Choose one of the offered times.',
          { kind: 'lifetime' },
        );
      if (requested.isEmpty)
        throw new OAuthError('access_denied', 'The app is no longer allowed to ask for this.', {
          kind: 'not_allowed_any_more',
        });
      const most = rules.get(clientId)?.isPersonal ? longestPersonal(requested) : undefined;
      return { device, lifetime: lifetime ?? choices[0] ?? most };
    },
  });
}

const lifetimesOf = ({ metadata }: Client): number[] =>
  (metadata['device_lifetimes'] as number[] | undefined) ?? [];

/** The maximum lifetime of a personal access token for all the resources of a request; undefined if there is none. */
function longestPersonal({ resources }: RequestedAccess): number | undefined {
  const limits = resources.flatMap(({ resource }) => resource.personalPolicy?.longest_ttl ?? []);
  return limits.length > 0 ? Math.min(...limits) : undefined;
}
