import { createSecretKey, randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import { Kysely, PostgresDialect } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { AppPolicy } from '../../../db/schema.ts';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { createAccounts } from '../../../src/domain/accounts/accounts.ts';
import { createAppsDomain } from '../../../src/domain/apps/index.ts';
import type { AppActor } from '../../../src/domain/apps/types.ts';
import { readChanges } from '../../../src/domain/audit/change-feed.ts';
import { createAudit } from '../../../src/domain/audit/events.ts';
import { createAgentUse } from '../../../src/domain/clients/agents.ts';
import { createClientRegistry } from '../../../src/domain/clients/clients.ts';
import { createClientSecrets } from '../../../src/domain/clients/secrets.ts';
import { createClientStore } from '../../../src/domain/clients/store.ts';
import { createDelegations } from '../../../src/domain/delegations/delegations.ts';
import { apiResource } from '../../../src/domain/installation/installation.ts';
import { createLimits } from '../../../src/domain/limits/rate-limits.ts';
import { createResources } from '../../../src/domain/resources/resources.ts';
import { createRoles } from '../../../src/domain/roles/roles.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { createLastUsed } from '../../../src/domain/tokens/last-used.ts';
import { createApiKeys } from '../../../src/domain/tokens/named/api-keys.ts';
import { openApi } from '../../support/open-api.ts';
import { keepSecret } from '../../support/run-records.ts';
import { unique } from '../../support/unique.ts';

export { unique };

export const operator: AppActor = { kind: 'operator' };

export interface Person {
  id: string;
  email: string;
  actor: { kind: 'account'; accountId: string };
}

const issuer = 'https://writ.test';

/** The operations on apps over a database, as one process has them. */
export function openApps(
  database: Database,
  { peopleCreateApps }: { peopleCreateApps?: boolean } = {},
) {
  const { kysely } = database;
  const key = createSecretKey(randomBytes(32));
  const onError = (error: unknown) => {
    throw error;
  };
  const lastUsed = createLastUsed({ database, onError });
  const secrets = createClientSecrets({
    database,
    keys: { newest: { id: 'test', key }, all: [{ id: 'test', key }], find: () => key },
    lastUsed,
    requestLimits: {
      count: async () => undefined,
      check: async () => {},
      giveBack: async () => {},
    },
    onError,
  });
  const resources = createResources({ database, apiResource: apiResource(issuer) });
  const clientStore = createClientStore({ database, secrets });
  const registry = createClientRegistry({
    store: clientStore,
    resources,
    apiResource: apiResource(issuer),
    validateMetadata: () => {},
  });
  const accounts = createAccounts({ database });
  const audit = createAudit({ database });
  const apiKeys = createApiKeys();
  const domain = createAppsDomain({
    database,
    product: { brand: 'Writ', issuer },
    audit,
    clientStore,
    secrets,
    resources,
    apiKeys,
    peopleCreateApps,
    keyring: createKeyring(['a key that seals emails']),
    limits: createLimits({ database }),
    delegations: createDelegations({ database }),
    agentUse: createAgentUse(createLimits({ database })),
    sendsEmails: false,
  });
  const ready = async () => {
    await kysely
      .insertInto('sealed_key')
      .values({ id: 'test', purpose: 'test', sealed: Buffer.from('sealed') })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await kysely
      .insertInto('installation')
      .values({ issuer })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    // The resource of API keys.
    await kysely
      .insertInto('resource')
      .values({
        identifier: apiResource(issuer),
        name: 'Writ',
        scopes: '[]',
        token_format: 'opaque',
        signing_alg: 'ES256',
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  };
  void lastUsed.close();

  const apps = {
    ...domain,
    database,
    accounts,
    registry,
    clientStore,
    secrets,
    resources,
    roles: createRoles({ database }),

    async person(name = 'Ada Lovelace'): Promise<Person> {
      const email = `${unique('ada')}@example.com`;
      const { id } = await accounts.create(serverActor, { name, email });
      return { id, email, actor: { kind: 'account', accountId: id } };
    },

    /** An app with its Owner, and further members on demand. */
    async app(given: { displayName?: string; name?: string } = {}) {
      await ready();
      const owner = await apps.person();
      const name = given.name ?? unique('app');
      const made = await domain.apps.create(owner.actor, {
        displayName: given.displayName ?? unique('Acme'),
        name,
      });
      keepSecret('client_secret', made.secret);
      return {
        name,
        id: made.app.id,
        owner,
        client: made.client,
        secret: made.secret,
        async member(role: string, person?: Person): Promise<Person> {
          const member = person ?? (await apps.person(`A ${role}`));
          await domain.appMembers.set(operator, name, member.id, role);
          return member;
        },
      };
    },

    /** Makes it the only API that is open to apps. */
    async openResource(policy: Partial<AppPolicy> = {}): Promise<string> {
      await kysely.updateTable('resource').set({ app_policy: null }).execute();
      return openApi(
        { domain: { resources } },
        { policy: { longest_access_token_ttl: 3600, ...policy } },
      );
    },

    /** Audit events of an app, oldest first. */
    events: async (app: string) => (await audit.page({ app, limit: 1000 })).items.reverse(),

    /** Change records of an app. */
    changes: async (app: string) =>
      (await readChanges(kysely, { after: 0, limit: 100_000 })).filter(
        (change) => change.app === app,
      ),

    /** Kinds of the change records that `run` writes. */
    async changesOf(run: () => Promise<unknown>) {
      const before = await readChanges(kysely, { after: 0, limit: 100_000 });
      await run();
      return (await readChanges(kysely, { after: before.length, limit: 100 })).map(
        ({ kind, app, client_id }) => ({ kind, app, client_id }),
      );
    },

    /** Changes the permissions of a built-in role while `run` runs. */
    async withBuiltIn(name: string, permissions: string[], run: () => Promise<void>) {
      const { permissions: before = [] } =
        (await domain.appRoles.builtIn()).find((role) => role.name === name) ?? {};
      await domain.appRoles.setBuiltIn({ name, permissions });
      try {
        await run();
      } finally {
        await domain.appRoles.setBuiltIn({ name, permissions: before });
      }
    },
  };
  return apps;
}

export type TestApps = ReturnType<typeof openApps>;

/** The error code of a refusal, or `done`. */
export const outcome = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run();
    return 'done';
  } catch (error) {
    return String((error as { code?: string }).code ?? error);
  }
};

/** Expects a refusal with this code and message. */
export async function expectRefused(
  run: Promise<unknown>,
  code: string,
  words?: RegExp | string,
): Promise<void> {
  await expect(run).rejects.toMatchObject({
    code,
    ...(words !== undefined && { message: expect.stringMatching(words) }),
  });
}

/** The driver's error for an unreachable database. */
export function awayDatabase(): Database {
  const lost = () =>
    Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  const pool = { connect: lost, end: async () => {}, options: {} };
  return {
    kysely: new Kysely({ dialect: new PostgresDialect({ pool }) }),
    embedded: false,
    query: lost,
    confirm: lost,
    close: async () => {},
  };
}
