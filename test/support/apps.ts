import type { ClientKind } from '../../src/domain/apps/types.ts';
import type { Credentials } from './http.ts';
import { makePerson, type TestPerson } from './people.ts';
import { keepSecret } from './run-records.ts';
import { type Stack, unique } from './stacks.ts';

/** An API that is open to apps, and its server. */
export interface OpenApi {
  resource: string;
  resourceServer: Credentials;
}

/** Makes an API that clients of apps may have tokens for. */
export async function makeOpenApi(
  { api, domain }: Pick<Stack, 'api' | 'domain'>,
  {
    format = 'opaque',
    policy = {},
  }: {
    format?: 'opaque' | 'jwt';
    policy?: Partial<{ token_formats: ('opaque' | 'jwt')[]; longest_access_token_ttl: number }>;
  } = {},
): Promise<OpenApi> {
  const resource = `https://${unique('api')}.test`;
  const scopes = [
    { name: 'things:read', description: 'See your things' },
    { name: 'things:write', description: 'Make, change and delete your things' },
  ];
  await api.createResource({ identifier: resource, scopes, token_format: format });
  await domain.resources.update(resource, {
    appPolicy: { token_formats: ['opaque', 'jwt'], longest_access_token_ttl: 86_400, ...policy },
  });
  return { resource, resourceServer: await api.createClient({ resource_server_for: [resource] }) };
}

export interface TestApp {
  name: string;
  /** Its Owner. */
  owner: TestPerson;
  actor: { kind: 'account'; accountId: string };
  /** `app:default`, with the role Owner. */
  client: Credentials;
  /** Another client of it. */
  addClient(role: string, kind?: ClientKind): Promise<Credentials>;
  /** Makes somebody a member. */
  addMember(role: string, name?: string): Promise<TestPerson>;
}

/** An app that a person has made. */
export async function makeApp(
  stack: Pick<Stack, 'domain'>,
  { displayName = 'Acme' }: { displayName?: string } = {},
): Promise<TestApp> {
  const { domain } = stack;
  const owner = await makePerson(stack);
  const actor = { kind: 'account', accountId: owner.accountId } as const;
  const { app, client, secret } = await domain.apps.create(actor, {
    displayName,
    name: unique('app'),
  });
  keepSecret('client_secret', secret);
  return {
    name: app.name,
    owner,
    actor,
    client: { id: client.clientId, secret },
    async addClient(role, kind = 'server') {
      const made = await domain.appClients.create(actor, app.name, {
        name: unique('client'),
        kind,
        role,
        ...(kind === 'website' && { redirectUris: ['https://app.test/callback'] }),
        ...(kind === 'native' && { redirectUris: ['com.example.app:/callback'] }),
      });
      if (made.secret) keepSecret('client_secret', made.secret);
      return { id: made.client.clientId, secret: made.secret ?? '' };
    },
    async addMember(role, name = 'Grace Hopper') {
      const person = await makePerson(stack, { name });
      await domain.appMembers.set({ kind: 'operator' }, app.name, person.accountId, role);
      return person;
    },
  };
}
