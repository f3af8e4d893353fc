import { grantTypes } from '../../src/oauth/grant-types.ts';
import type { Answer, Credentials } from './http.ts';
import { makeParties } from './parties.ts';
import { type Stack, unique } from './stacks.ts';

/** Device authorization response (RFC 8628 §3.2). */
export interface Started {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  expires_in: number;
  interval: number;
}

export interface TestDevice {
  clientId: string;
  /** As displayed. */
  name: string;
  resource: string;
  resourceServer: Credentials;
  start: (
    scope?: string,
    headers?: Record<string, string>,
    form?: Record<string, string>,
  ) => Promise<Started>;
  poll: (started: Started) => Promise<Answer>;
}

/** A command-line client with the device grant, for an API of its own; it never gets `slow_down`. */
export async function makeDevice(
  stack: Stack,
  metadata: Record<string, unknown> = {},
): Promise<TestDevice> {
  const { resource, resourceServer } = await makeParties(stack);
  await stack.domain.resources.update(resource, {
    scopes: [
      { name: 'things:read', description: 'See your things' },
      { name: 'things:write', description: 'Create, change and delete your things' },
    ],
  });
  const name = unique('Cli');
  const { id: clientId } = await stack.api.createClient({
    client_name: name,
    token_endpoint_auth_method: 'none',
    grant_types: [grantTypes.deviceCode, grantTypes.refreshToken],
    resources: [resource],
    enforce_polling_interval: false,
    ...metadata,
  });
  return {
    clientId,
    name,
    resource,
    resourceServer,
    async start(scope = 'things:read', headers = {}, form = {}) {
      const { status, body, text } = await stack.post(
        '/connect/deviceauthorization',
        { client_id: clientId, scope, ...form },
        undefined,
        headers,
      );
      if (status !== 200) throw new Error(`the device could not begin: ${text}`);
      return body;
    },
    poll: ({ device_code }) =>
      stack.post('/connect/token', {
        grant_type: grantTypes.deviceCode,
        device_code,
        client_id: clientId,
      }),
  };
}
