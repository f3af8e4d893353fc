import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { CompiledQuery, type KyselyPlugin, sql } from 'kysely';
import { sweep } from '../../src/jobs/sweep.ts';
import { onEachDatabase } from '../db/each-database.ts';
import { newClient } from '../domain/tokens/support.ts';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
const justOver = -1 / 86_400;

onEachDatabase((database) => {
  const run = () => sweep(database(), { changeRetentionDays: 60 });

  const newAccount = async (): Promise<string> => {
    const { id } = await database()
      .kysely.insertInto('account')
      .values({ email: null })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  };

  /** Each makes a row that is over so many days from now, and gives a text that names it. */
  const newDecision = async (table: 'device_decision' | 'consent_decision', days: number) => {
    const id = randomBytes(32);
    await sql`insert into ${sql.table(table)} (id, decision, account_id, details, expires_at)
        values (${id}, 'denied', ${await newAccount()}, '{}', ${inDays(days)})`.execute(
      database().kysely,
    );
    return id.toString('hex');
  };

  const makers: Record<string, (days: number) => Promise<string>> = {
    async artifact(days) {
      const id = randomBytes(32);
      await database()
        .kysely.insertInto('artifact')
        .values({ kind: 'Session', id, sealed: id, expires_at: inDays(days) } as never)
        .execute();
      return id.toString('hex');
    },
    async redemption(days) {
      const id = randomBytes(32);
      await database()
        .kysely.insertInto('redemption')
        .values({ id, fingerprint: null, answer: null, expires_at: inDays(days) })
        .execute();
      return id.toString('hex');
    },
    async oauth_grant(days) {
      const id = randomUUID();
      await sql`insert into oauth_grant (id, account_id, client_id, payload, live_until)
          values (${id}, ${await newAccount()}, ${await newClient(database())}, '{}', ${inDays(days)})`.execute(
        database().kysely,
      );
      return id;
    },
    async token(days) {
      const key = randomBytes(16);
      await sql`insert into token (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, issued_at, expires_at)
          values (0, ${key}, 'api_key', ${randomUUID()}, 0, 0, 0, 0, now() - interval '100 days', ${inDays(days)})`.execute(
        database().kysely,
      );
      return key.toString('hex');
    },
    async 'revoked token'(days) {
      const key = randomBytes(16);
      await sql`insert into token (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, name, issued_at, revoked_at)
          values (0, ${key}, 'api_token', ${randomUUID()}, 0, 0, 0, 0, 'a token', now() - interval '100 days', ${inDays(days)})`.execute(
        database().kysely,
      );
      return key.toString('hex');
    },
    async mail(days) {
      const { rows } = await sql<{ id: string }>`
        insert into mail (kind, account_id, details, created_at)
        values ('token_created', ${await newAccount()}, '{}', ${inDays(days)}) returning id`.execute(
        database().kysely,
      );
      return String(rows[0]?.id);
    },
    async session(days) {
      const account = await newAccount();
      const { id } = await database()
        .kysely.insertInto('session')
        .values({ digest: randomBytes(32), account_id: account, expires_at: inDays(days) } as never)
        .returning('id')
        .executeTakeFirstOrThrow();
      return id;
    },
    async registration(days) {
      const { id } = await database()
        .kysely.insertInto('registration')
        .values({ email: 'ada@example.com', expires_at: inDays(days) })
        .returning('id')
        .executeTakeFirstOrThrow();
      return id;
    },
    async invitation(days) {
      const account_id = await newAccount();
      await database()
        .kysely.insertInto('invitation')
        .values({ account_id, digest: randomBytes(32), expires_at: inDays(days) } as never)
        .execute();
      return account_id;
    },
    device_decision: (days) => newDecision('device_decision', days),
    consent_decision: (days) => newDecision('consent_decision', days),
    async device_poll(days) {
      const id = randomBytes(32);
      await sql`insert into device_poll (id, interval_seconds, expires_at) values (${id}, 5, ${inDays(days)})`.execute(
        database().kysely,
      );
      return id.toString('hex');
    },
    async rate_limit(days) {
      const key = randomUUID();
      await database()
        .kysely.insertInto('rate_limit')
        .values({ key, points: 1, expire: inDays(days).getTime() })
        .execute();
      return key;
    },
    async change(days) {
      const number = 1 + Math.floor(Math.random() * 1e9);
      await sql`insert into change (number, at, kind) values (${number}, ${inDays(days)}, 'role.changed')`.execute(
        database().kysely,
      );
      return String(number);
    },
  };

  const names: Record<string, string> = {
    artifact: `encode(id, 'hex')`,
    redemption: `encode(id, 'hex')`,
    oauth_grant: 'id::text',
    token: `encode(key, 'hex')`,
    'revoked token': `encode(key, 'hex')`,
    mail: 'id::text',
    session: 'id::text',
    invitation: 'account_id::text',
    device_decision: `encode(id, 'hex')`,
    consent_decision: `encode(id, 'hex')`,
    device_poll: `encode(id, 'hex')`,
    rate_limit: 'key',
    change: 'number::text',
  };

  const left = async (table: string): Promise<string[]> => {
    const { rows } = await sql<{ name: string }>`
        select ${sql.raw(names[table] ?? '')} as name from ${sql.table(table.split(' ').at(-1) ?? '')}`.execute(
      database().kysely,
    );
    return rows.map(({ name }) => name);
  };

  test.each([
    ['artifact', 'once it has expired', justOver, 1 / 24],
    ['redemption', 'once its mark has no use', justOver, 1 / 24],
    ['token', 'of partition 0 a month after it expired', -30.01, -29.99],
    ['revoked token', 'a month after it was revoked', -30.01, -29.99],
    ['mail', 'when nothing is told twice any more', -40.01, -39.99],
    ['oauth_grant', 'a day after its last token', -1.01, -0.99],
    ['session', 'once it is over', justOver, 1 / 24],
    ['invitation', 'once its link is no good', justOver, 1 / 24],
    ['device_decision', 'once no device asks for it any more', justOver, 1 / 24],
    ['consent_decision', 'once nobody goes back to it any more', justOver, 1 / 24],
    ['device_poll', 'once no device polls any more', justOver, 1 / 24],
    ['rate_limit', 'once its time has run out', justOver, 1 / 24],
    ['change', 'when the feed no longer goes back to it', -60.01, -59.99],
  ])('%s: a row goes %s, and none before', async (table, _when, over, notYet) => {
    const make = makers[table] as (days: number) => Promise<string>;
    const gone = [await make(over), await make(over - 30)];
    const kept = [await make(notYet), await make(notYet + 30)];
    expect(Object.values(await run())).toEqual([2]);
    const names = await left(table);
    expect(names).toEqual(expect.arrayContaining(kept));
    for (const name of gone) expect(names).not.toContain(name);
    expect(await run()).toEqual({});
  });

  test('a token without end and a grant without end are never swept', async () => {
    const [token, grant] = [await makers['token']?.(-10), await makers['oauth_grant']?.(-10)];
    await sql`update token set expires_at = null`.execute(database().kysely);
    await sql`update oauth_grant set live_until = 'infinity'`.execute(database().kysely);
    await run();
    expect(await left('token')).toContain(token);
    expect(await left('oauth_grant')).toContain(grant);
  });

  test('of a login’s token that was revoked nothing goes before it expires: nobody is shown it', async () => {
    const [token] = [await makers['revoked token']?.(-50)];
    await sql`update token set name = null, expires_at = now() + interval '1 day' where encode(key, 'hex') = ${token}`.execute(
      database().kysely,
    );
    expect(await run()).toEqual({});
    expect(await left('token')).toContain(token);
  });

  test('tokens that are over are found by their indexes, however many others there are', async () => {
    const { kysely } = database();
    await sql`insert into token (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, name, issued_at, expires_at, revoked_at)
      select 0, substring(sha256(i::text::bytea) for 16), 'api_token', ${randomUUID()}, 0, 0, 0, 0, 'a token', now(),
        case when i % 3 = 0 then now() + interval '30 days' end, case when i % 3 = 1 then now() end
      from generate_series(1, 5000) i`.execute(kysely);
    await sql`analyze token_shelf_0`.execute(kysely);
    const asked: CompiledQuery[] = [];
    const watch: KyselyPlugin = {
      transformQuery: ({ node, queryId }) => {
        const query = kysely.getExecutor().compileQuery(node, queryId);
        if (query.sql.includes('token_shelf_0')) asked.push(query);
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const watched = { ...database(), kysely: kysely.withPlugin(watch) };
    expect(await sweep(watched, { changeRetentionDays: 60 })).toEqual({});
    expect(asked).toHaveLength(2);
    for (const { sql: text, parameters } of asked) {
      const { rows } = await kysely.executeQuery<{ 'QUERY PLAN': string }>(
        CompiledQuery.raw(`explain ${text}`, [...parameters]),
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain('Index Scan');
      expect(plan).not.toContain('Seq Scan');
    }
    await sql`delete from token where name is not null`.execute(kysely);
  });

  test('one run deletes 50,000 rows of each table that grows, in short statements, a table in its turn', async () => {
    const { kysely } = database();
    const many = 50_000;
    await sql`insert into artifact (kind, id, sealed, expires_at)
      select 'Session', int4send(i), '', now() - interval '1 minute' from generate_series(1, ${sql.lit(many)}) i`.execute(
      kysely,
    );
    await sql`insert into redemption (id, expires_at)
      select int4send(i), now() - interval '1 minute' from generate_series(1, ${sql.lit(many)}) i`.execute(
      kysely,
    );
    const tables: string[] = [];
    const watch: KyselyPlugin = {
      transformQuery: ({ node, queryId }) => {
        const { sql: text } = kysely.getExecutor().compileQuery(node, queryId);
        tables.push(/delete from "(\w+)"/.exec(text)?.[1] ?? text);
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const counted = { ...database(), kysely: kysely.withPlugin(watch) };
    expect(await sweep(counted, { changeRetentionDays: 60 })).toEqual({
      artifact: many,
      redemption: many,
    });
    const of = (name: string) => tables.filter((table) => table === name).length;
    expect([of('artifact'), of('redemption')]).toEqual([26, 26]);
    expect(tables.slice(-4)).toEqual(['artifact', 'redemption', 'artifact', 'redemption']);
  });

  test('a run whose time is up begins no further statement', async () => {
    await makers['artifact']?.(justOver);
    expect(await sweep(database(), { changeRetentionDays: 60, maxDuration: -1 })).toEqual({});
    const signal = AbortSignal.abort();
    expect(await sweep(database(), { changeRetentionDays: 60, signal })).toEqual({});
    expect(await run()).toEqual({ artifact: 1 });
  });

  test('a session goes that nobody has used for too long', async () => {
    const [idle, used] = [await makers['session']?.(1), await makers['session']?.(1)];
    await sql`update session set last_seen_at = now() - interval '3 days' where id = ${idle}`.execute(
      database().kysely,
    );
    expect(await run()).toEqual({ session: 1 });
    expect(await left('session')).toContain(used);
  });

  test('a token on a weekly partition leaves with its partition and not before', async () => {
    const week = Math.floor(Date.now() / 1000 / (7 * 86_400));
    await sql`insert into token (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, issued_at, expires_at)
        values (${week}, '\\x00', 'access_token', ${randomUUID()}, 0, 0, 0, 0, now() - interval '9 days', now() - interval '5 days')`.execute(
      database().kysely,
    );
    expect(await run()).toEqual({});
    expect(await left('token')).toContain('00');
  });
});
