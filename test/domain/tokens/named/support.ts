import { createHash, randomUUID } from 'node:crypto';
import { idempotencyWindow } from '../../../../config/tokens.ts';
import type { Database } from '../../../../db/database.ts';
import { createKeyring } from '../../../../src/crypto/sealing.ts';
import { readChanges } from '../../../../src/domain/audit/change-feed.ts';
import {
  createIdempotency,
  type Idempotency,
} from '../../../../src/domain/database/idempotency.ts';
import {
  apiResource,
  ensureInstallation,
} from '../../../../src/domain/installation/installation.ts';
import { defaultPersonalPolicy } from '../../../../src/domain/resources/resources.ts';
import { serverActor } from '../../../../src/domain/roles/server-actor.ts';
import type {
  CreatedToken,
  NewApiToken,
  ShownToken,
  TokenActor,
} from '../../../../src/domain/tokens/named/types.ts';
import { publicId } from '../../../../src/domain/tokens/value.ts';
import { introspectionResponse } from '../../../../src/protocol/introspection-response.ts';
import { openDomain } from '../../../support/domain.ts';
import { openApi } from '../../../support/open-api.ts';
import { keepSecret } from '../../../support/run-records.ts';
import { keepingSealed } from '../../../support/sealed-secrets.ts';
import { unique } from '../../../support/unique.ts';

export { expectRefused, outcome } from '../../apps/apps.ts';
export { unique };

export const issuer = 'https://writ.example';

const keyring = keepingSealed(createKeyring(['a key that seals what tests of named tokens store']));

/** An operator who can create tokens of every client. */
export const operator = (clientId = 'some-client'): TokenActor => ({
  kind: 'operator',
  clientId,
  mayChooseClient: true,
  mayChooseAppClient: true,
  manager: serverActor,
});

/** The backend of a client, by its API key. */
export const backend = (clientId: string): TokenActor => ({ kind: 'client', clientId });

export const idOf = (token: Pick<ShownToken, 'id'>): string => publicId(token.id);

/** The time in so many seconds. */
export const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);

/** The idempotency of a request with this key, credential and body. */
export const once = ({
  key = randomUUID(),
  credential = 'the credential',
  request = 'the request',
}: {
  key?: string;
  credential?: string;
  request?: string;
} = {}): Idempotency =>
  createIdempotency({
    key,
    credential,
    fingerprint: createHash('sha256').update(request).digest(),
    seconds: idempotencyWindow,
  });

/** The domain over a new installation, with helpers to create what named tokens need. */
export async function openOwned(database: Database) {
  await ensureInstallation(database, { issuer, keyring });
  const domain = await openDomain(database, keyring);
  const { kysely } = database;

  const owned = {
    ...domain,
    database,
    apiResource: apiResource(issuer),

    /** Creates a resource that is open to people and has types of authorization details. */
    resource: (given: Parameters<typeof openApi>[1] = {}): Promise<string> =>
      openApi(
        { domain },
        {
          personalPolicy: defaultPersonalPolicy,
          detailsTypes: [
            { type: 'project', description: 'A project', actions: ['read', 'write'] },
            { type: 'table', description: 'A table of a database', actions: ['query'] },
          ],
          ...given,
        },
      ),

    /** Creates a role with a unique name. */
    async role(permissions: string[] = ['things.read']): Promise<string> {
      const name = unique('role');
      await domain.roles.set(serverActor, { name, description: '', permissions });
      return name;
    },

    /** Creates a client outside of apps and returns its public id. */
    async client({
      scope,
      ...given
    }: {
      scope?: string;
      roles?: string[];
      resources?: string[];
      resourceServerFor?: string[];
    } = {}): Promise<string> {
      const clientId = unique('client');
      await domain.registry.create(serverActor, {
        clientId,
        metadata: { token_endpoint_auth_method: 'none', ...(scope !== undefined && { scope }) },
        ...given,
      });
      return clientId;
    },

    /** Creates a person with an email address and returns their id. */
    async person(): Promise<string> {
      const { id } = await domain.accounts.create(serverActor, {
        name: 'Ada Lovelace',
        email: `${unique('ada')}@example.com`,
      });
      return id;
    },

    /** Creates an app with its first client, a server. */
    async app() {
      const owner = await owned.person();
      const actor = { kind: 'account', accountId: owner } as const;
      const { app, client, secret } = await domain.apps.create(actor, {
        displayName: unique('Acme'),
        name: unique('app'),
      });
      keepSecret('client_secret', secret);
      await domain.appClients.update(actor, app.name, 'default', { role: 'Owner' });
      return { id: app.id, name: app.name, owner, actor, clientId: client.clientId };
    },

    /** Creates a client with two roles and a resource that it can use. */
    async backend() {
      const resource = await owned.resource();
      const roles = [await owned.role(['things.read']), await owned.role(['things.write'])];
      const clientId = await owned.client({ resources: [resource], roles });
      const actor = backend(clientId);
      return {
        clientId,
        resource,
        roles,
        actor,
        create: (given: Partial<NewApiToken> = {}, by: TokenActor = actor) =>
          owned.create(by, given),
      };
    },

    /** Creates an API token for a user of the backend. */
    async create(
      actor: TokenActor,
      given: Partial<NewApiToken> = {},
      by?: Idempotency,
    ): Promise<CreatedToken> {
      const created = await domain.apiTokens.create(
        actor,
        { subject: { type: 'user', id: randomUUID() }, name: 'A token', ...given },
        by,
      );
      keepSecret('api_token', created.value);
      return created;
    },

    /** The introspection response for the client of the token. */
    async introspect(value: string, clientId: string) {
      const asker = await domain.clients(clientId);
      if (!asker) throw new Error(`there is no client ${clientId}`);
      return introspectionResponse(
        { issuer, apiResource: apiResource(issuer), subjectFor: domain.subjectFor },
        await domain.find(value),
        asker,
      );
    },

    /** The audit events of a target, oldest first. */
    events: async (target: string) =>
      (await domain.audit.page({ target, limit: 1000 })).items.reverse(),

    /** The entries of the change feed that are added while `run` is running. */
    async changesOf(run: () => Promise<unknown>) {
      const { last } = await kysely
        .selectFrom('change_counter')
        .select('last')
        .executeTakeFirstOrThrow();
      await run();
      const changes = await readChanges(kysely, { after: Number(last), limit: 1000 });
      return changes.map(({ kind, token_id, client_id }) => ({ kind, token_id, client_id }));
    },
  };
  return owned;
}

export type Owned = Awaited<ReturnType<typeof openOwned>>;
