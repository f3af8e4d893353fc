import type { Credentials } from './http.ts';
import { type Stack, unique } from './stacks.ts';

/** An API, a client that can get tokens for it, and the parties that could introspect them. */
export interface Parties {
  resource: string;
  role: string;
  client: Credentials;
  resourceServer: Credentials;
  otherResourceServer: Credentials;
  otherClient: Credentials;
  /** Issues an access token to the client. */
  issue: (form?: Record<string, string>) => Promise<string>;
}

export type TokenFormat = 'opaque' | 'jwt';

export async function makeParties(
  { api, token }: Stack,
  { format = 'opaque' }: { format?: TokenFormat } = {},
): Promise<Parties> {
  const resource = `https://${unique('api')}.test`;
  const otherResource = `https://${unique('api')}.test`;
  const role = unique('role');
  const scopes = [{ name: 'things:read' }, { name: 'things:write' }];
  await api.createResource({ identifier: resource, scopes, token_format: format });
  await api.createResource({ identifier: otherResource });
  await api.setRole(role, ['things.read']);
  const client = await api.createClient({ roles: [role], resources: [resource] });
  return {
    resource,
    role,
    client,
    resourceServer: await api.createClient({ resource_server_for: [resource] }),
    otherResourceServer: await api.createClient({ resource_server_for: [otherResource] }),
    otherClient: await api.createClient({ resources: [resource] }),
    issue: async (form) => {
      const { status, body, text } = await token(client, form);
      if (status !== 200) throw new Error(`no token was issued: ${text}`);
      return body.access_token;
    },
  };
}
