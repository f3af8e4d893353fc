import type { NewAppClient } from '../../src/domain/apps/types.ts';
import type { Credentials } from './http.ts';
import { openApi } from './open-api.ts';
import { makePerson, type TestPerson } from './people.ts';
import { keepSecret } from './run-records.ts';
import type { Stack } from './stacks.ts';
import { unique } from './unique.ts';

/** An API that is open to apps, and its server. */
export interface OpenApi {
  resource: string;
  resourceServer: Credentials;
}

/** Creates both. */
export async function makeOpenApi(
  { api, domain }: Pick<Stack, 'api' | 'domain'>,
  given: Parameters<typeof openApi>[1] = {},
): Promise<OpenApi> {
  const resource = await openApi({ domain }, given);
  return { resource, resourceServer: await api.createClient({ resource_server_for: [resource] }) };
}

export interface TestApp {
  name: string;
  displayName: string;
  /** Its Owner. */
  owner: TestPerson;
  actor: { kind: 'account'; accountId: string };
  /** `app:default`, with the role Owner. */
  client: Credentials;
  /** Creates another client: by default a server with the role Reader. */
  addClient(given?: Partial<NewAppClient>): Promise<Credentials>;
  /** Adds a member. */
  addMember(role: string, name?: string): Promise<TestPerson>;
}

/** Creates an app for the given owner, or for a new person. */
export async function makeApp(
  stack: Pick<Stack, 'domain'>,
  { displayName = unique('Acme'), owner: given }: { displayName?: string; owner?: TestPerson } = {},
): Promise<TestApp> {
  const { domain } = stack;
  const owner = given ?? (await makePerson(stack));
  const actor = { kind: 'account', accountId: owner.accountId } as const;
  const { app, client, secret } = await domain.apps.create(actor, {
    displayName,
    name: unique('app'),
  });
  keepSecret('client_secret', secret);
  await domain.appClients.update(actor, app.name, 'default', { role: 'Owner' });
  return {
    name: app.name,
    displayName,
    owner,
    actor,
    client: { id: client.clientId, secret },
    async addClient(more = {}) {
      const made = await domain.appClients.create(actor, app.name, {
        name: unique('client'),
        kind: 'server',
        role: 'Reader',
        ...more,
      });
      keepSecret('client_secret', made.secret);
      return { id: made.client.clientId, secret: made.secret ?? '' };
    },
    async addMember(role, name = 'Grace Hopper') {
      const person = await makePerson(stack, { name });
      await domain.appMembers.set({ kind: 'operator' }, app.name, person.accountId, role);
      return person;
    },
  };
}
