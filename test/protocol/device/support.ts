import { sha256 } from '../../../src/crypto/digest.ts';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { createDeviceRequests } from '../../../src/domain/grants/device/requests.ts';
import type { DeviceRequests } from '../../../src/domain/grants/device/types.ts';
import { userCodeDigest } from '../../../src/domain/grants/device/user-code.ts';
import type { Approver } from '../../../src/domain/grants/types.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { createPostgresEphemeralStore } from '../../../src/domain/short-lived/postgres.ts';
import { createRedisEphemeralStore } from '../../../src/domain/short-lived/redis.ts';
import { ephemeralPlace } from '../../../src/domain/short-lived/sealing.ts';
import { grantTypes } from '../../../src/oauth/grant-types.ts';
import type { Answer, Credentials } from '../../support/http.ts';
import { type Stack, secretKey, unique } from '../../support/stacks.ts';
import { createResource } from '../token/support.ts';

export const endpoint = '/connect/deviceauthorization';

/** A client that logs people in on devices, one of its devices, and the people who decide. */
export interface Devices {
  client: Credentials;
  resource: string;
  logins: DeviceRequests;
  /** Starts a device login; returns the response. */
  begin: (form?: Record<string, string>) => Promise<Begun>;
  /** Polls the token endpoint. */
  poll: (begun: Begun, form?: Record<string, string>) => Promise<Answer>;
  /** An account that can decide. */
  person: (roles?: string[]) => Promise<Approver>;
  /** A device that a person has approved. */
  approved: (
    form?: Record<string, string>,
    choice?: { lifetime?: number },
  ) => Promise<Begun & { person: Approver; grantId: string }>;
}

export interface Begun {
  device_code: string;
  user_code: string;
}

/** The digest under which a store finds a user code. */
export const digestOf = (userCode: string): Buffer =>
  userCodeDigest(createKeyring([secretKey]), userCode.replace('-', ''));

export const ephemeralOf = ({ redis, database }: Stack) =>
  redis ? createRedisEphemeralStore({ redis }) : createPostgresEphemeralStore({ database });

/** Decisions about devices, over the stores of the server. */
export const loginsOf = (stack: Stack): DeviceRequests =>
  createDeviceRequests({
    ...stack.domain,
    keyring: createKeyring([secretKey]),
    ephemeral: ephemeralOf(stack),
    apiResource: stack.apiResource,
  });

export async function makeDevices(
  stack: Stack,
  {
    isPublicClient = true,
    ...metadata
  }: { isPublicClient?: boolean; resources?: string[]; [name: string]: unknown } = {},
): Promise<Devices> {
  const resource = metadata.resources?.[0] ?? (await createResource(stack));
  const client = await stack.api.createClient({
    client_id: unique('device'),
    ...(isPublicClient && { token_endpoint_auth_method: 'none' }),
    grant_types: [grantTypes.deviceCode, grantTypes.refreshToken],
    resources: [resource],
    ...metadata,
  });
  const logins = loginsOf(stack);
  const post = (path: string, form: Record<string, string>) =>
    client.secret
      ? stack.post(path, form, client, { 'user-agent': 'Toaster/1.0' })
      : stack.post(path, { client_id: client.id, ...form }, undefined, {
          'user-agent': 'Toaster/1.0',
        });
  const begin = async (form: Record<string, string> = {}) => {
    const { status, body, text } = await post(endpoint, { scope: 'things:read', ...form });
    if (status !== 200) throw new Error(`the device could not begin: ${text}`);
    return body;
  };
  const person = async (roles: string[] = []) => {
    const { id } = await stack.domain.accounts.create(serverActor, { name: 'Ada', roles });
    return { id, roles };
  };
  return {
    client,
    resource,
    logins,
    begin,
    poll: ({ device_code }, form) =>
      post('/connect/token', { grant_type: grantTypes.deviceCode, device_code, ...form }),
    person,
    async approved(form, choice) {
      const begun = await begin(form);
      const by = await person();
      await logins.approve(begun.user_code, by, choice);
      const { decision } = await stack.domain.deviceDecisions.find(sha256(begun.device_code));
      return { ...begun, person: by, grantId: decision?.grantId ?? '' };
    },
  };
}

/** Lets seconds pass for the poll of a code, by the clock of the store that counts it. */
export async function passTime(stack: Stack, code: Buffer, seconds: number): Promise<void> {
  if (stack.redis)
    await stack.redis.hincrby(
      `writ:device-poll:${code.toString('hex')}`,
      'polled_at',
      -Math.round(seconds * 1000),
    );
  else
    await stack.database.query(
      {
        name: 'test-pass-time',
        text: `update device_poll set polled_at = polled_at - $2::float8 * interval '1 second' where id = $1::bytea`,
      },
      [code, seconds],
    );
}

/** Makes a code expire in its stored record. */
export async function expire(stack: Stack, { device_code, user_code }: Begun): Promise<void> {
  const [kind, id] = ['DeviceCode', sha256(device_code)];
  const place = ephemeralPlace(kind, id);
  const keyring = createKeyring([secretKey]);
  const store = ephemeralOf(stack);
  const { sealed = Buffer.of() } = (await store.get(kind, id)) ?? {};
  const payload = JSON.parse(keyring.open(place, sealed).toString());
  const over = { ...payload, exp: Math.floor(Date.now() / 1000) - 1 };
  const userCode = digestOf(user_code);
  await store.put(kind, id, keyring.seal(place, JSON.stringify(over)), 600, { userCode });
}

/** Makes the store of device codes forget one, with its user code; returns a function that restores it. */
export async function forget(
  stack: Stack,
  { device_code, user_code }: Begun,
): Promise<() => Promise<void>> {
  const id = sha256(device_code);
  const store = ephemeralOf(stack);
  const { sealed = Buffer.of() } = (await store.get('DeviceCode', id)) ?? {};
  if (stack.redis) {
    await stack.redis.unlink(`writ:artifact:DeviceCode:${id.toString('hex')}`);
    const digest = digestOf(user_code).toString('hex');
    await stack.redis.unlink(`writ:user-code:DeviceCode:${digest}`);
    await stack.redis.unlink(`writ:device-poll:${id.toString('hex')}`);
  } else
    await stack.database.kysely
      .deleteFrom('artifact')
      .where('kind', '=', 'DeviceCode')
      .where('id', '=', id)
      .execute();
  return () => store.put('DeviceCode', id, sealed, 600, { userCode: digestOf(user_code) });
}
