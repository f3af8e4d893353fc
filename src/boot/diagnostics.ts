import { sql } from 'kysely';
import { mailDelivery } from '../../config/mails.ts';
import type { Database } from '../../db/database.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import type { RedisConnection } from '../../db/redis.ts';
import { redisState } from '../../db/redis-state.ts';
import { clockTolerance, measureClock } from '../domain/database/clock.ts';
import type { MailTransport } from '../jobs/mail/transport.ts';
import { type Check, failed, ok, warning } from './check.ts';
import { diagnoseRegistrations } from './registration-diagnostics.ts';

/** Milliseconds that a mail server may take to answer. */
const mailPatience = 5_000;

interface Dependencies {
  database: Database;
  redis: RedisConnection | undefined;
  /** The server that takes mails. */
  mail: Pick<MailTransport, 'verify'> | undefined;
  /** Whether older keys of SECRET_KEYS are still needed. */
  isResealPending: () => Promise<boolean>;
  /** Whether requests came through a proxy that is not trusted, or say so. */
  sawUntrustedProxy: () => boolean;
  /** The names in DIALECTS. */
  dialects: readonly string[];
}

type Look = () => Promise<Check[]>;

const moreMemory =
  'Raise maxmemory, and see in the log whether a limit of docs/limits.md is reached.';

/** What a failover loses though there is a synchronous standby, by synchronous_commit. Sessions of Writ never have `off`. */
const lostThough: Record<string, string> = {
  local:
    'synchronous_commit is local, so a failover can lose tokens, and bring back revoked ones, up to the lag of the standby.',
  remote_write:
    'synchronous_commit is remote_write, so tokens can be lost, and revoked ones come back, where the machine of the standby fails as well.',
};

/**
 * Looks at everything that a server depends on, as it sees it: for `writ doctor`, which adds what can
 * only be seen from outside. A look that fails is itself an answer; none throws.
 */
export function createDiagnostics({
  database,
  redis,
  mail,
  isResealPending,
  sawUntrustedProxy,
  dialects,
}: Dependencies) {
  const { kysely } = database;

  const value = async (expression: string): Promise<string> => {
    const { rows } = await sql<{
      value: string;
    }>`select (${sql.raw(expression)})::text as value`.execute(kysely);
    return rows[0]?.value ?? '';
  };

  const databaseLook: Look = async () => {
    const began = performance.now();
    const version = Number(await value(`current_setting('server_version_num')`));
    const milliseconds = performance.now() - began;
    const named = `Postgres ${Math.floor(version / 10_000)}.${version % 10_000}${database.embedded ? ', embedded' : ''}`;
    return [
      version >= 150_000
        ? ok('database', `${named} answers in ${milliseconds.toFixed(1)} ms.`)
        : failed('database', `${named} is too old.`, 'Writ needs Postgres 15 or newer.'),
      milliseconds > 20
        ? warning(
            'database latency',
            `A question to Postgres takes ${milliseconds.toFixed(0)} ms, and every token request asks several.`,
            'Put the servers and Postgres into one place.',
          )
        : ok('database latency', 'Postgres is near.'),
    ];
  };

  const schema: Look = async () => {
    const pending = await pendingMigrations(kysely);
    return [
      pending.length === 0
        ? ok('schema', 'The schema is up to date.')
        : failed(
            'schema',
            `Migrations are missing: ${pending.join(', ')}.`,
            'Run writ migrate with the newest version.',
          ),
    ];
  };

  /** What a failover would cost, and whether the standby that commits wait for is there. */
  const failover = async (): Promise<Check> => {
    const synchronous = await value(`current_setting('synchronous_standby_names')`);
    const standbys = Number(await value(`select count(*) from pg_stat_replication`));
    const waiting = Number(
      await value(`select count(*) from pg_stat_activity where wait_event = 'SyncRep'
        and query_start < now() - interval '3 seconds'`),
    );
    if (synchronous && (standbys === 0 || waiting > 0))
      return failed(
        'failover',
        `The synchronous standby (${synchronous}) does not answer: ${waiting} commits wait for it, and what writes is answered 503.`,
        'Start the standby, or take it out of synchronous_standby_names in postgresql.conf. With two (ANY 1 (a, b)) one may be away.',
      );
    const lost = synchronous && lostThough[await value(`current_setting('synchronous_commit')`)];
    if (lost)
      return warning(
        'failover',
        `Commits do not wait until the standby ${synchronous} has them on its disk: ${lost}`,
        'Set synchronous_commit = on for the server, the database and the role of Writ.',
      );
    if (synchronous) return ok('failover', `Commits wait for the standby ${synchronous}.`);
    return standbys > 0
      ? warning(
          'failover',
          'The standbys of Postgres follow asynchronously: a failover can lose tokens, and bring back revoked ones, up to their lag.',
          'Set synchronous_standby_names in postgresql.conf.',
        )
      : ok('failover', 'Postgres has no standby that could take over with older data.');
  };

  /** Promise 1: a token that was handed out survives a crash of Postgres. */
  const durability: Look = async () => {
    const fsync = await value(`current_setting('fsync')`);
    if (database.embedded)
      return [
        fsync === 'on'
          ? ok('durability', 'The embedded database waits for the disk before it answers.')
          : warning(
              'durability',
              'The embedded database is in memory: all of it ends with the process.',
              'Name a directory in DATABASE_URL, or leave it out.',
            ),
      ];
    return [
      fsync === 'on'
        ? ok('durability', 'Postgres waits for its disk before it answers.')
        : failed(
            'durability',
            'Postgres does not wait for its disk (fsync is off): a crash can lose tokens and bring back revoked ones.',
            'Set fsync = on in postgresql.conf.',
          ),
      await failover(),
    ];
  };

  const clock: Look = async () => {
    const off = Math.abs(await measureClock(database));
    return [
      off <= clockTolerance
        ? ok('clock', `The clocks of this process and of Postgres agree to ${off.toFixed(1)} s.`)
        : failed(
            'clock',
            `The clocks of this process and of Postgres differ by ${off.toFixed(1)} s: it issues no tokens.`,
            'Run an NTP client (chrony, systemd-timesyncd) on both machines.',
          ),
    ];
  };

  const proxy: Look = async () => [
    sawUntrustedProxy()
      ? warning(
          'proxy',
          'A request named a proxy (X-Forwarded-For or Forwarded), and TRUST_PROXY trusts none: behind a proxy all callers share the limits of one network.',
          'Set TRUST_PROXY to how many proxies of yours stand before Writ. Where there is none, a caller wrote the header: leave it.',
        )
      : ok('proxy', 'No request named a proxy that is not trusted.'),
  ];

  const dialectsLook: Look = async () => [
    ok('dialects', `Dialects that are on (DIALECTS): ${dialects.join(', ') || 'none'}.`),
  ];

  const redisLook: Look = async () => {
    if (!redis)
      return [
        ok(
          'redis',
          'There is no Redis: Postgres holds what lives for minutes (REDIS_URL is unset).',
        ),
      ];
    const began = performance.now();
    const info = await redis.info('server');
    const milliseconds = performance.now() - began;
    const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown';
    const memory = await redis.info('memory');
    const of = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(memory)?.[1] ?? '';
    const [used, most] = [Number(of('used_memory')), Number(of('maxmemory'))];
    const state = await redisState(redis);
    const instead =
      'Postgres holds what lives for minutes and counts limits meanwhile, which is slower.';
    return [
      state === 'full'
        ? failed('redis memory', `Redis has no memory left. ${instead}`, moreMemory)
        : state === 'read_only'
          ? failed(
              'redis memory',
              `Redis takes no writes. ${instead}`,
              'See whether REDIS_URL names the primary, and whether its disk is full.',
            )
          : most > 0 && used > 0.8 * most
            ? warning(
                'redis memory',
                `Redis has used ${Math.round((100 * used) / most)} % of its memory.`,
                moreMemory,
              )
            : ok('redis memory', `Redis has used ${Math.round(used / 1_048_576)} MiB.`),
      most > 0 && of('maxmemory_policy') !== 'noeviction'
        ? warning(
            'redis eviction',
            'Redis drops what it holds where memory runs out: logins in progress are lost, and a mark of replay that is dropped early lets a replay in.',
            'Set maxmemory-policy noeviction.',
          )
        : ok('redis eviction', 'Redis drops nothing before its time.'),
      Number.parseInt(version, 10) >= 7
        ? ok('redis', `Redis ${version} answers in ${milliseconds.toFixed(1)} ms.`)
        : failed('redis', `Redis ${version} is too old.`, 'Writ needs Redis 7.0 or newer.'),
    ];
  };

  const keys: Look = async () => {
    const { rows } = await sql<{ alg: string; signing: number; announced: number }>`
      select alg, count(*) filter (where state = 'signing')::integer as signing,
        count(*) filter (where state = 'announced')::integer as announced
      from signing_key group by alg order by alg`.execute(kysely);
    const without = (state: 'signing' | 'announced') =>
      rows.filter((row) => row[state] !== 1).map(({ alg }) => alg);
    const checks: Check[] = [];
    if (rows.length === 0 || without('signing').length > 0)
      checks.push(
        failed(
          'keys',
          `No key signs ${without('signing').join(', ') || 'anything'}.`,
          'Run writ keys rotate.',
        ),
      );
    else if (without('announced').length > 0)
      checks.push(
        warning(
          'keys',
          `No next key is announced for ${without('announced').join(', ')}.`,
          'A server makes it within a minute; look for failed jobs in the log if it does not.',
        ),
      );
    else
      checks.push(
        ok(
          'keys',
          `A key signs and the next is announced for ${rows.map(({ alg }) => alg).join(', ')}.`,
        ),
      );
    checks.push(
      (await isResealPending())
        ? warning(
            'secret keys',
            'Older keys of SECRET_KEYS still open some rows.',
            'Run writ keys reseal before you take them out.',
          )
        : ok('secret keys', 'The newest key of SECRET_KEYS seals everything.'),
    );
    return checks;
  };

  const partitions: Look = async () => {
    const weeks = Number(
      await value(
        `select count(*) from shelf where detached_at is null and shelf > extract(epoch from now()) / 604800`,
      ),
    );
    const months = Number(
      await value(
        `select count(*) from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'audit_event'::regclass
          and to_timestamp(substring(c.relname from '\\d{4}_\\d{2}$'), 'YYYY_MM') > now()`,
      ),
    );
    const jobs = 'Look for failed jobs in the log; they run in one of the servers.';
    return [
      weeks >= 52
        ? ok('partitions', `Tokens have partitions for ${weeks} weeks ahead.`)
        : failed('partitions', `Tokens have partitions for ${weeks} weeks ahead only.`, jobs),
      months >= 2
        ? ok('audit partitions', `The audit has ${months} months ahead.`)
        : failed('audit partitions', `The audit has ${months} months ahead only.`, jobs),
    ];
  };

  const jobs: Look = async () => {
    const held = await value(
      `exists (select from lease where name = 'jobs' and expires_at > now())`,
    );
    return [
      held === 'true'
        ? ok('jobs', 'A server makes partitions, rotates keys and sweeps.')
        : failed(
            'jobs',
            'No server has run the jobs in the last minutes.',
            'Look for failed jobs in the log.',
          ),
    ];
  };

  const mailLook: Look = async () => {
    if (!mail)
      return [
        ok(
          'mail',
          'Nobody is written to about tokens that were made, end soon or were leaked (SMTP_URL is unset).',
        ),
      ];
    // One that was taken for the first time is being sent; after that attempt it has a shorter pause.
    const waiting = Number(
      await value(
        `select count(*) from mail where sent_at is null and isfinite(next_attempt_at)
          and (attempts > 1 or (attempts = 1 and next_attempt_at <= now() + interval '${mailDelivery.pauses[0]} seconds'))`,
      ),
    );
    const kept = waiting === 1 ? ' 1 mail waits.' : waiting > 1 ? ` ${waiting} mails wait.` : '';
    try {
      await mail.verify(mailPatience);
    } catch (error) {
      return [
        failed(
          'mail',
          `The mail server takes nothing: ${(error instanceof Error ? error.message : String(error)).replace(/\.?$/, '.')}${kept}`,
          'See whether SMTP_URL names the right server, user and password, and whether the server lets this one in.',
        ),
      ];
    }
    return [
      waiting === 0
        ? ok('mail', 'The mail server answers.')
        : warning(
            'mail',
            `The mail server answers, but some mails could not be sent yet.${kept}`,
            'Look for mails that could not be sent in the log: it may not take them from MAIL_FROM.',
          ),
    ];
  };

  const looks: [string, Look][] = [
    ['database', databaseLook],
    ['schema', schema],
    ['durability', durability],
    ['clock', clock],
    ['proxy', proxy],
    ['dialects', dialectsLook],
    ['redis', redisLook],
    ['keys', keys],
    ['partitions', partitions],
    ['jobs', jobs],
    ['mail', mailLook],
    ['registrations', () => diagnoseRegistrations(kysely)],
  ];

  return async (): Promise<Check[]> => {
    const checks: Check[] = [];
    for (const [name, look] of looks)
      try {
        checks.push(...(await look()));
      } catch (error) {
        checks.push(
          failed(
            name,
            `It could not be looked at: ${error instanceof Error ? error.message : error}`,
            'See whether it can be reached from the server.',
          ),
        );
      }
    return checks;
  };
}
