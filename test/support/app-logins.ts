import { grantTypes } from '../../src/oauth/grant-types.ts';
import { loginsOf } from '../protocol/device/support.ts';
import type { TestPerson } from './people.ts';
import type { Stack } from './stacks.ts';

export interface AppLogin {
  accessToken: string;
  refreshToken: string;
}

/** Logs a device of an app in, and returns its tokens. */
export async function logInToApp(
  stack: Stack,
  clientId: string,
  { accountId }: Pick<TestPerson, 'accountId'>,
  { resource, scope = 'things:read offline_access' }: { resource: string; scope?: string },
): Promise<AppLogin> {
  const begun = await stack.post('/connect/deviceauthorization', {
    client_id: clientId,
    scope,
    resource,
  });
  if (begun.status !== 200) throw new Error(`the device could not begin: ${begun.text}`);
  const { device_code, user_code } = begun.body;
  await loginsOf(stack).approve(user_code, { id: accountId, roles: [] });
  const { status, body, text } = await stack.post('/connect/token', {
    grant_type: grantTypes.deviceCode,
    device_code,
    client_id: clientId,
  });
  if (status !== 200) throw new Error(`the device was not approved: ${text}`);
  return { accessToken: body.access_token, refreshToken: body.refresh_token };
}
