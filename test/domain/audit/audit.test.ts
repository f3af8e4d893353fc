import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { AuditAction } from '../../../config/audit-actions.ts';
import type { Database } from '../../../db/database.ts';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { actingAs } from '../../../src/domain/audit/actor.ts';
import { createAudit, recordEvent } from '../../../src/domain/audit/events.ts';
import { createAuditPartitions } from '../../../src/domain/audit/partitions.ts';
import { inRequestContext } from '../../../src/domain/audit/request-context.ts';
import type { AuditEvent } from '../../../src/domain/audit/types.ts';
import type { Domain } from '../../../src/domain/index.ts';
import { ensureInstallation } from '../../../src/domain/installation/installation.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { onDatabase, onEachDatabase } from '../../db/each-database.ts';
import { openDomain } from '../../support/domain.ts';
import { logIn } from '../../support/login.ts';
import { until } from '../../support/process.ts';

const keyring = createKeyring(['a key that seals what the tests store']);

/** The operations over a database with an installation. */
async function openInstalled(database: Database): Promise<Domain> {
  await ensureInstallation(database, { issuer: 'https://writ.example', keyring });
  return openDomain(database, keyring);
}

onDatabase(
  (database) => {
    const open = () => openInstalled(database());

    /** Events recorded while `run` runs, oldest first. */
    const eventsOf = async (domain: Domain, run: () => Promise<unknown>): Promise<AuditEvent[]> => {
      const seen = (await domain.audit.page({ limit: 500 })).items.length;
      await run();
      const { items } = await domain.audit.page({ limit: 500 });
      return items.slice(0, items.length - seen).reverse();
    };

    test('an event has the actor, action, target, origin, time and result', async () => {
      const domain = await open();
      const before = Date.now();
      const [event] = await eventsOf(domain, () =>
        inRequestContext({ requestId: 'request-1', ip: '192.0.2.7' }, () =>
          actingAs({ kind: 'client', id: 'backend', tokenId: 'tok_1' }, () =>
            domain.roles.set(serverActor, { name: 'reader', permissions: ['things.read'] }),
          ),
        ),
      );
      expect(event).toEqual({
        id: expect.any(Number),
        at: expect.any(Date),
        action: 'role.created',
        result: 'success',
        actor: { kind: 'client', id: 'backend', token_id: 'tok_1' },
        target: { kind: 'role', id: 'reader' },
        ip: '192.0.2.7',
        request_id: 'request-1',
        details: expect.objectContaining({ permissions: { before: null, after: ['things.read'] } }),
      });
      expect(Math.abs((event?.at.getTime() ?? 0) - before)).toBeLessThan(30_000);
    });

    test('every change to clients, secrets, roles, resources, accounts and tokens is recorded, once', async () => {
      const domain = await open();
      const { registry, roles, resources, accounts, secrets } = domain;
      const kysely = database().kysely;
      const resource = {
        identifier: 'https://api.test',
        name: 'API',
        scopes: [],
        tokenFormat: 'opaque' as const,
        signingAlg: 'ES256',
        accessTokenTtl: null,
        isDefault: false,
        appPolicy: null,
      };
      const events = await eventsOf(domain, async () => {
        await roles.set(serverActor, { name: 'reader', permissions: [] });
        await roles.set(serverActor, { name: 'reader', permissions: ['things.read'] });
        await resources.create(resource);
        await resources.update(resource.identifier, { name: 'The API' });
        const { client } = await registry.create(serverActor, { clientId: 'app', metadata: {} });
        await registry.update(serverActor, 'app', { roles: ['reader'] });
        const secret = await secrets.generate(kysely, client.id);
        await secrets.revoke(kysely, client.id, secret.id);
        await registry.disable(serverActor, 'app');
        await registry.enable(serverActor, 'app');
        await registry.revokeTokens(serverActor, 'app');
        const account = await accounts.create(serverActor, {
          name: 'Ada',
          email: 'ada@example.com',
        });
        await accounts.update(serverActor, account.id, { roles: ['reader'] });
        await accounts.disable(serverActor, account.id);
        await accounts.enable(serverActor, account.id);
        await accounts.revokeTokens(serverActor, account.id);
        await accounts.update(serverActor, account.id, { roles: [] });
        await registry.delete(serverActor, 'app');
        await roles.delete(serverActor, 'reader');
        await resources.delete(resource.identifier);
      });
      expect(events.map(({ action, target }) => `${action} ${target?.kind}`)).toEqual([
        'role.created role',
        'role.updated role',
        'resource.created resource',
        'resource.updated resource',
        'client.created client',
        'client_secret.created client',
        'client.updated client',
        'client_secret.created client',
        'client_secret.revoked client',
        'client.disabled client',
        'client.enabled client',
        'client.tokens_revoked client',
        'account.created account',
        'account.updated account',
        'account.disabled account',
        'account.enabled account',
        'account.tokens_revoked account',
        'account.updated account',
        'client.deleted client',
        'role.deleted role',
        'resource.deleted resource',
      ]);
      expect(events[6]?.details).toEqual({ roles: { before: [], after: ['reader'] } });
      expect(events[13]?.details).toEqual({ roles: { before: [], after: ['reader'] } });
    });

    test('revoking a token or a login is recorded with the actor, and only once', async () => {
      const domain = await open();
      await domain.registry.create(serverActor, {
        clientId: 'app',
        metadata: { token_endpoint_auth_method: 'none' },
      });
      const login = await logIn({ domain }, 'app', { scope: 'offline_access' });
      const { rows } = await sql<{
        partition: number;
        key: Buffer;
      }>`select shelf as partition, key from token`.execute(database().kysely);
      const id = rows[0] as { partition: number; key: Buffer };
      const byApp = { kind: 'client', id: 'app', ip: '192.0.2.8' } as const;
      const byOperator = { kind: 'client', id: 'writ-operator' } as const;
      const events = await eventsOf(domain, async () => {
        await Promise.all([
          actingAs(byApp, () => domain.revoke(id)),
          actingAs(byApp, () => domain.revoke(id)),
        ]);
        await actingAs(byOperator, () => domain.revoke(id));
        await actingAs(byOperator, () => domain.grants.revoke(login.grantId));
        await actingAs(byOperator, () => domain.grants.revoke(login.grantId));
      });
      expect(events).toMatchObject([
        {
          action: 'token.revoked',
          actor: { kind: 'client', id: 'app' },
          ip: '192.0.2.8',
          details: null,
        },
        {
          action: 'grant.revoked',
          actor: { id: 'writ-operator' },
          target: { kind: 'grant', id: login.grantId },
          details: { account_id: login.accountId },
        },
      ]);
    });

    test('a change that fails is not recorded, and a change that cannot be recorded fails', async () => {
      const domain = await open();
      await domain.registry.create(serverActor, { clientId: 'app', metadata: {} });
      const failing = await eventsOf(domain, async () => {
        await domain.registry
          .create(serverActor, { clientId: 'app', metadata: {} })
          .catch(() => {});
        await domain.registry.update(serverActor, 'app', { roles: ['nobody'] }).catch(() => {});
        await domain.registry
          .update(serverActor, 'app', { roles: [] }, () => {
            throw new Error('it is not what the caller knows');
          })
          .catch(() => {});
        await domain.registry.disable(serverActor, 'nobody');
        await domain.roles.delete(serverActor, 'nobody');
      });
      expect(failing).toEqual([]);

      await sql`alter table audit_event add constraint full_disk check (action <> 'client.disabled') not valid`.execute(
        database().kysely,
      );
      await expect(domain.registry.disable(serverActor, 'app')).rejects.toThrow('full_disk');
      expect((await domain.registry.find('app'))?.disabled_at).toBeNull();
    });

    test('no event contains a secret', async () => {
      const domain = await open();
      const kysely = database().kysely;
      const { client, secret } = await domain.registry.create(serverActor, {
        clientId: 'app',
        metadata: {},
      });
      await domain.secrets.import(kysely, client.id, { value: 'correct horse battery staple' });
      const more = await domain.secrets.generate(kysely, client.id);
      const text = JSON.stringify((await domain.audit.page({ limit: 500 })).items);
      for (const value of [secret?.value ?? '', more.value, 'correct horse', '$argon2'])
        expect(text).not.toContain(value);
    });

    describe('reading', () => {
      const write = (action: AuditAction, actor: string, target: string) =>
        actingAs({ kind: 'client', id: actor }, () =>
          recordEvent(database().kysely, { action, target: { kind: 'role', id: target } }),
        );

      test('pages go back from the newest event without gaps or duplicates, even while events are added', async () => {
        const audit = createAudit({ database: database() });
        for (let index = 0; index < 23; index++) await write('role.updated', 'a', String(index));
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const { items, next } = await audit.page({ after, limit: 5 });
          seen.push(...items.map(({ target }) => target?.id ?? ''));
          after = next ?? undefined;
          await write('role.updated', 'a', 'later');
        } while (after);
        expect(seen).toEqual(Array.from({ length: 23 }, (_, index) => String(22 - index)));
        await expect(audit.page({ after: 'nonsense', limit: 5 })).rejects.toMatchObject({
          code: 'invalid_request',
        });
      });

      test('events can be filtered by action, actor, target and time', async () => {
        const audit = createAudit({ database: database() });
        await write('role.created', 'a', 'x');
        await write('role.deleted', 'b', 'x');
        await write('role.created', 'b', 'y');
        const found = async (filter: object) =>
          (await audit.page({ limit: 10, ...filter })).items.map(
            ({ actor, target }) => `${actor.id}${target?.id}`,
          );
        expect(await found({ action: 'role.created' })).toEqual(['by', 'ax']);
        expect(await found({ actor: 'b' })).toEqual(['by', 'bx']);
        expect(await found({ target: 'x' })).toEqual(['bx', 'ax']);
        expect(await found({ actor: 'b', target: 'x' })).toEqual(['bx']);
        const [minuteAgo, inAMinute] = [-60_000, 60_000].map((ms) => new Date(Date.now() + ms));
        expect(await found({ since: minuteAgo, until: inAMinute })).toHaveLength(3);
        expect(await found({ since: inAMinute })).toEqual([]);
        expect(await found({ until: minuteAgo })).toEqual([]);
      });
    });
  },
  { oneForEveryTest: true },
);

onEachDatabase(
  (database) => {
    describe('months', () => {
      const open = () => openInstalled(database());
      const partitions = async () => {
        const { rows } = await sql<{ name: string }>`
          select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
          where i.inhparent = 'audit_event'::regclass order by 1`.execute(database().kysely);
        return rows.map(({ name }) => name);
      };
      const month = (offset: number) => {
        const date = new Date();
        const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset));
        return `audit_event_${first.toISOString().slice(0, 7).replace('-', '_')}`;
      };

      test('the partitions of this month and the next three exist, even if several processes create them at once', async () => {
        const auditPartitions = createAuditPartitions({ database: database() });
        expect(await partitions()).toEqual([0, 1, 2, 3].map(month));
        await sql`drop table ${sql.table(month(3))}`.execute(database().kysely);
        await Promise.all([
          auditPartitions.createAhead(),
          auditPartitions.createAhead(),
          auditPartitions.createAhead(),
        ]);
        expect(await partitions()).toEqual([0, 1, 2, 3].map(month));
      });

      test('an event is in the partition of its month, from the first moment to the last', async () => {
        const audit = createAudit({ database: database() });
        const next = new Date();
        const first = new Date(Date.UTC(next.getUTCFullYear(), next.getUTCMonth() + 1));
        for (const at of [first, new Date(first.getTime() - 1)])
          await sql`insert into audit_event (at, action, result, actor_kind) values (${at}, 'x', 'success', 'system')`.execute(
            database().kysely,
          );
        expect((await audit.page({ limit: 10 })).items).toHaveLength(2);
        const { rows } = await sql<{
          table: string;
        }>`select tableoid::regclass::text as table from audit_event order by id`.execute(
          database().kysely,
        );
        expect(rows.map(({ table }) => table)).toEqual([month(1), month(0)]);
      });

      test('a detached partition is attached again with its events', async () => {
        const domain = await open();
        await domain.roles.set(serverActor, { name: 'reader', permissions: [] });
        await sql`alter table audit_event detach partition ${sql.table(month(0))}`.execute(
          database().kysely,
        );
        await expect(
          domain.roles.set(serverActor, { name: 'editor', permissions: [] }),
        ).rejects.toThrow('no partition');
        await domain.auditPartitions.createAhead();
        await domain.roles.set(serverActor, { name: 'editor', permissions: [] });
        const { items } = await domain.audit.page({ limit: 10 });
        expect(items.map(({ target }) => target?.id)).toEqual(['editor', 'reader']);
      });

      test('a partition is detached while the table is read, and no writer waits', async () => {
        if (database().embedded) return; // one connection, so no concurrent reader
        const domain = await open();
        const old = 'audit_event_2020_01';
        await sql`create table ${sql.table(old)} partition of audit_event for values from ('2020-01-01') to ('2020-02-01')`.execute(
          database().kysely,
        );
        let retired: Promise<string[]> | undefined;
        await database()
          .kysely.transaction()
          .execute(async (reader) => {
            await sql`select count(*) from audit_event`.execute(reader);
            retired = domain.auditPartitions.retire(365);
            retired.catch(() => {});
            await until('the month to be on its way', async () => {
              const { rows } = await sql`select from pg_inherits where inhdetachpending`.execute(
                database().kysely,
              );
              if (rows.length === 0) throw new Error('not yet');
            });
            await domain.roles.set(serverActor, { name: 'reader', permissions: [] });
          });
        expect(await retired).toEqual([old]);
        expect(await partitions()).toEqual([0, 1, 2, 3].map(month));
      });

      test('an interrupted detach is finished by the next run', async () => {
        if (database().embedded) return;
        const domain = await open();
        const old = 'audit_event_2020_01';
        await sql`create table ${sql.table(old)} partition of audit_event for values from ('2020-01-01') to ('2020-02-01')`.execute(
          database().kysely,
        );
        await sql`update pg_inherits set inhdetachpending = true where inhrelid = ${old}::regclass`.execute(
          database().kysely,
        );
        expect(await domain.auditPartitions.retire(365)).toEqual([old]);
        await sql`create table ${sql.table(old)} (like audit_event)`.execute(database().kysely);
        expect(await domain.auditPartitions.retire(365)).toEqual([old]);
      });

      test('a partition is dropped when its month ended before the retention period', async () => {
        const auditPartitions = createAuditPartitions({ database: database() });
        for (const name of ['audit_event_2020_01', 'audit_event_2020_02'])
          await sql`create table ${sql.table(name)} partition of audit_event for values from (${sql.lit(`${name.slice(12).replace('_', '-')}-01`)}) to (${sql.lit(name.endsWith('01') ? '2020-02-01' : '2020-03-01')})`.execute(
            database().kysely,
          );
        expect((await auditPartitions.retire(365)).sort()).toEqual([
          'audit_event_2020_01',
          'audit_event_2020_02',
        ]);
        expect(await auditPartitions.retire(365)).toEqual([]);
        expect(await partitions()).toEqual([0, 1, 2, 3].map(month));
      });
    });
  },
  { oneForEveryTest: true },
);
