/** SEEDING the server of `writ dev` through its API, so that what a file can say is what the API accepts. */
import { grantTypes } from '../../oauth/grant-types.ts';
import type { Json } from '../api-client.ts';
import type { Place, SeedFile } from './seed-file.ts';

/** A client that was created, with a token of it if it can get one by itself. */
export interface SeededClient {
  clientId: string;
  secret: string | undefined;
  token: string | undefined;
}

export interface SeededPerson {
  email: string;
  /** The page on which the person chooses a password. */
  invitation: string;
}

export interface Seeded {
  clients: SeededClient[];
  people: SeededPerson[];
}

/** Creates what a file says, in the order in which one thing needs another. Throws Failure with the place that is refused. */
export async function seed(
  { seed: given, refuse }: SeedFile,
  { url, token }: { url: string; token: string },
): Promise<Seeded> {
  const send = async (method: string, path: string, body: object, place: Place): Promise<Json> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Json;
    if (response.ok) return answer;
    const [detail] = (answer['details'] ?? []) as { parameter?: string; message?: string }[];
    const below = (detail?.parameter ?? '').split(/[.[\]]+/).filter(Boolean);
    throw refuse(
      [...place, ...below.map((part) => (/^\d+$/.test(part) ? Number(part) : part))],
      String(detail?.message ?? answer['error_description'] ?? `status ${response.status}`),
    );
  };

  const hasDefault = given.resources.some((resource) => resource['default'] !== undefined);
  for (const [index, { scopes = [], ...resource }] of given.resources.entries())
    await send(
      'POST',
      '/resources',
      {
        ...(index === 0 && !hasDefault && { default: true }),
        ...resource,
        scopes: scopes.map((scope) => (typeof scope === 'string' ? { name: scope } : scope)),
      },
      ['resources', index],
    );
  for (const [name, role] of Object.entries(given.roles))
    await send(
      'PUT',
      `/roles/${encodeURIComponent(name)}`,
      Array.isArray(role) ? { permissions: role } : role,
      ['roles', name],
    );

  const clients: SeededClient[] = [];
  for (const [index, client] of given.clients.entries()) {
    const created = await send('POST', '/clients', client, ['clients', index]);
    const clientId = String(created['client_id']);
    const secret = created['client_secret'] as string | undefined;
    const grants = (created['grant_types'] ?? []) as string[];
    const isOwn = secret !== undefined && grants.includes(grantTypes.clientCredentials);
    clients.push({
      clientId,
      secret,
      token: isOwn ? await tokenOf(url, clientId, secret) : undefined,
    });
  }

  const people: SeededPerson[] = [];
  for (const [index, person] of given.people.entries()) {
    const { id } = await send('POST', '/accounts', person, ['people', index]);
    const invited = await send('POST', `/accounts/${id}/invitation`, {}, ['people', index]);
    people.push({ email: person.email, invitation: String(invited['invitation_uri']) });
  }
  return { clients, people };
}

/** An access token of a client; undefined if it is refused, for example because it has no resource. */
export async function tokenOf(
  url: string,
  clientId: string,
  secret: string,
): Promise<string | undefined> {
  const response = await fetch(`${url}/connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: grantTypes.clientCredentials,
      client_id: clientId,
      client_secret: secret,
    }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  return token;
}
