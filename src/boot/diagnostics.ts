import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { mailDelivery } from '../../config/mails.ts';
import type { Settings } from '../../config/settings.ts';
import type { Database } from '../../db/database.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import type { RedisConnection } from '../../db/redis.ts';
import { redisState } from '../../db/redis-state.ts';
import { clockTolerance, measureClock } from '../domain/database/clock.ts';
import type { MailTransport } from '../jobs/mail/transport.ts';
import type { WorkerStates } from '../workers/messages.ts';
import { diagnoseAdministrators } from './administrator-diagnostics.ts';
import { type CertificateState, diagnoseCertificates } from './certificate-diagnostics.ts';
import { type Check, failed, ok, warning } from './check.ts';
import { diagnoseIssuers } from './issuer-diagnostics.ts';
import { diagnoseRegistration } from './people-diagnostics.ts';
import { diagnoseProviders } from './provider-diagnostics.ts';
import { diagnoseRegistrations } from './registration-diagnostics.ts';
import { diagnoseWorkers } from './worker-diagnostics.ts';

/** Milliseconds to wait for the mail server. */
const maxMailWait = 5_000;

interface Dependencies {
  database: Database;
  redis: RedisConnection | undefined;
  /** The connection to the mail server. */
  mail: Pick<MailTransport, 'verify'> | undefined;
  /** Whether older keys of SECRET_KEYS still encrypt anything. */
  isResealPending: () => Promise<boolean>;
  /** Whether a request came, or claims to have come, through a proxy that is not trusted. */
  sawUntrustedProxy: () => boolean;
  /** The names in DIALECTS. */
  dialects: readonly string[];
  certificates?: CertificateState;
  /** How people can register. */
  registration?: Pick<Settings, 'REGISTRATION' | 'REGISTRATION_DOMAINS' | 'REGISTRATION_ROLES'>;
  /** The other identity providers, and the connection to them. */
  providers: Parameters<typeof diagnoseProviders>[0];
  upstream: Parameters<typeof diagnoseProviders>[1];
  trustedIssuers: Parameters<typeof diagnoseIssuers>[0];
  issuerKeys: Parameters<typeof diagnoseIssuers>[1];
  /** Resources of dialects that the operator did not choose; their registrations are not checked. */
  unusedResources?: readonly string[];
  /** The processes that share the port, if there are several. */
  workers?: (() => WorkerStates | undefined) | undefined;
}

type Diagnosis = () => Promise<Check[]>;

const moreMemory =
  'Raise maxmemory, and check the log for limits of docs/limits.md that are reached.';

/** Failures in a row from which a job is reported: fewer can be a short outage. */
const manyFailures = 3;

/** Milliseconds of a commit from which on the disk is slow: every token request waits for one. */
const slowCommit = 50;
/** Milliseconds to wait for one. */
const maxCommitWait = 2_000;

/** What a failover to a synchronous standby can lose, by synchronous_commit. Sessions of Writ never have `off`. */
const lossWith: Record<string, string> = {
  local:
    'synchronous_commit is local, so a failover can lose tokens and restore revoked ones, up to the lag of the standby.',
  remote_write:
    'synchronous_commit is remote_write, so tokens can be lost and revoked ones restored if the machine of the standby fails as well.',
};

/**
 * Checks everything that a server depends on, for `writ doctor`, which adds what can only be checked from outside. A
 * check that cannot run is reported as failed; none throws.
 */
export function createDiagnostics({
  database,
  redis,
  mail,
  isResealPending,
  sawUntrustedProxy,
  certificates,
  dialects,
  registration,
  providers,
  upstream,
  trustedIssuers,
  issuerKeys,
  unusedResources,
  workers,
}: Dependencies) {
  const { kysely } = database;

  const value = async (expression: string): Promise<string> => {
    const { rows } = await sql<{
      value: string;
    }>`select (${sql.raw(expression)})::text as value`.execute(kysely);
    return rows[0]?.value ?? '';
  };

  const checkDatabase: Diagnosis = async () => {
    const times: number[] = [];
    let version = 0;
    // The median of some: one alone can have waited for other work of this process.
    for (let index = 0; index < 5; index++) {
      const began = performance.now();
      version = Number(await value(`current_setting('server_version_num')`));
      times.push(performance.now() - began);
    }
    const milliseconds = times.toSorted((a, b) => a - b)[2] ?? 0;
    const named = `Postgres ${Math.floor(version / 10_000)}.${version % 10_000}${database.embedded ? ', embedded' : ''}`;
    return [
      version >= 150_000
        ? ok('database', `${named} answers in ${milliseconds.toFixed(1)} ms.`)
        : failed('database', `${named} is too old.`, 'Writ needs Postgres 15 or newer.'),
      milliseconds > 20
        ? warning(
            'database latency',
            `A query takes ${milliseconds.toFixed(0)} ms, and every token request needs several.`,
            'If it is new, look for load on Postgres and on this machine. If it is always so, run the servers and Postgres closer to each other.',
          )
        : ok('database latency', 'Queries to Postgres are fast.'),
    ];
  };

  /** How long a commit waits for the disk, and for the standby if there is one: the median of some. */
  const commits: Diagnosis = async () => {
    const times: number[] = [];
    for (let index = 0; index < 5; index++) {
      const began = performance.now();
      const isDone = await Promise.race([
        sql`select pg_logical_emit_message(true, 'writ', 'doctor')`.execute(kysely),
        setTimeout(maxCommitWait, undefined, { ref: false }),
      ]);
      times.push(performance.now() - began);
      if (!isDone) break;
    }
    const median = times.length < 5 ? maxCommitWait : (times.toSorted((a, b) => a - b)[2] ?? 0);
    return [
      median > slowCommit
        ? warning(
            'disk',
            `A commit takes ${median === maxCommitWait ? 'more than ' : ''}${median.toFixed(0)} ms: the disk of the database is slow, or busy with other work. Issuing and revoking tokens wait for it; introspection does not.`,
            database.embedded
              ? 'Put DATA_DIR on a faster disk, and look for other programs that write to it.'
              : 'Put the write-ahead log of Postgres on a faster disk, and look for other programs that write to it (iostat, pg_stat_io). With a synchronous standby, look at its disk and its network too.',
          )
        : ok('disk', `A commit takes ${median.toFixed(1)} ms.`),
    ];
  };

  const schema: Diagnosis = async () => {
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

  /** What a failover would lose, and whether the standby that commits wait for responds. */
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
        `The synchronous standby (${synchronous}) does not respond: ${waiting} commits wait for it, and requests that write get 503.`,
        'Start the standby, or remove it from synchronous_standby_names in postgresql.conf. With two (ANY 1 (a, b)) one can be down.',
      );
    const lost = synchronous && lossWith[await value(`current_setting('synchronous_commit')`)];
    if (lost)
      return warning(
        'failover',
        `Commits do not wait until the standby ${synchronous} has them on disk: ${lost}`,
        'Set synchronous_commit = on for the server, the database and the role of Writ.',
      );
    if (synchronous) return ok('failover', `Commits wait for the standby ${synchronous}.`);
    return standbys > 0
      ? warning(
          'failover',
          'The standbys of Postgres are asynchronous: a failover can lose tokens and restore revoked ones, up to their lag.',
          'Set synchronous_standby_names in postgresql.conf.',
        )
      : ok('failover', 'Postgres has no standby that could take over with older data.');
  };

  /** Promise 1: an issued token survives a crash of Postgres. */
  const durability: Diagnosis = async () => {
    const fsync = await value(`current_setting('fsync')`);
    if (database.embedded)
      return [
        fsync === 'on'
          ? ok('durability', 'The embedded database waits for the disk before it responds.')
          : warning(
              'durability',
              'The embedded database is in memory: it is lost when the process ends.',
              'Name a directory in DATABASE_URL, or unset it.',
            ),
      ];
    return [
      fsync === 'on'
        ? ok('durability', 'Postgres waits for its disk before it responds.')
        : failed(
            'durability',
            'Postgres does not wait for its disk (fsync is off): a crash can lose tokens and restore revoked ones.',
            'Set fsync = on in postgresql.conf.',
          ),
      await failover(),
    ];
  };

  const clock: Diagnosis = async () => {
    const off = Math.abs(await measureClock(database));
    return [
      off <= clockTolerance
        ? ok('clock', `The clocks of this process and of Postgres differ by ${off.toFixed(1)} s.`)
        : failed(
            'clock',
            `The clocks of this process and of Postgres differ by ${off.toFixed(1)} s: it issues no tokens.`,
            'Run an NTP client (chrony, systemd-timesyncd) on both machines.',
          ),
    ];
  };

  const proxy: Diagnosis = async () => [
    sawUntrustedProxy()
      ? warning(
          'proxy',
          'A request named a proxy (X-Forwarded-For or Forwarded), but TRUST_PROXY trusts none: behind a proxy all callers share the rate limits of one address.',
          'Set TRUST_PROXY to the number of your proxies in front of Writ. If there is none, a caller sent the header: leave it.',
        )
      : ok('proxy', 'No request came through a proxy that is not trusted.'),
  ];

  const checkDialects: Diagnosis = async () => [
    ok('dialects', `Dialects that are on (DIALECTS): ${dialects.join(', ') || 'none'}.`),
  ];

  const checkRedis: Diagnosis = async () => {
    if (!redis)
      return [ok('redis', 'No Redis (REDIS_URL is unset): Postgres stores short-lived state.')];
    const began = performance.now();
    const info = await redis.info('server').catch((error: Error) => error);
    if (info instanceof Error)
      return [
        failed(
          'redis',
          `Redis does not respond (${info.message.slice(0, 200)}). Until it does, logins of clients, device codes and client assertions get 503. Tokens are issued, refreshed, introspected and revoked without it, people sign in, and limits are counted in Postgres.`,
          'Start Redis, and check whether this server reaches the host of REDIS_URL.',
        ),
      ];
    const milliseconds = performance.now() - began;
    const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown';
    const memory = await redis.info('memory');
    const of = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(memory)?.[1] ?? '';
    const [used, max] = [Number(of('used_memory')), Number(of('maxmemory'))];
    const state = await redisState(redis);
    const instead =
      'Postgres stores short-lived state and counts rate limits instead, which is slower.';
    return [
      state === 'full'
        ? failed('redis memory', `Redis is out of memory. ${instead}`, moreMemory)
        : state === 'read_only'
          ? failed(
              'redis memory',
              `Redis accepts no writes. ${instead}`,
              'Check whether REDIS_URL names the primary, and whether its disk is full.',
            )
          : max > 0 && used > 0.8 * max
            ? warning(
                'redis memory',
                `Redis has used ${Math.round((100 * used) / max)} % of its memory.`,
                moreMemory,
              )
            : ok('redis memory', `Redis has used ${Math.round(used / 1_048_576)} MiB.`),
      max > 0 && of('maxmemory_policy') !== 'noeviction'
        ? warning(
            'redis eviction',
            'Redis evicts keys when it is out of memory: logins in progress are lost, and replays of evicted assertions are accepted.',
            'Set maxmemory-policy noeviction.',
          )
        : ok('redis eviction', 'Redis evicts no keys before they expire.'),
      Number.parseInt(version, 10) >= 7
        ? ok('redis', `Redis ${version} answers in ${milliseconds.toFixed(1)} ms.`)
        : failed('redis', `Redis ${version} is too old.`, 'Writ needs Redis 7.0 or newer.'),
    ];
  };

  const keys: Diagnosis = async () => {
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
          `There is no signing key${without('signing').length > 0 ? ` for ${without('signing').join(', ')}` : ''}.`,
          'Run writ keys rotate.',
        ),
      );
    else if (without('announced').length > 0)
      checks.push(
        warning(
          'keys',
          `No next key is announced for ${without('announced').join(', ')}.`,
          'A server creates one within a minute. If not, look for failed jobs in the log.',
        ),
      );
    else
      checks.push(
        ok(
          'keys',
          `${rows.map(({ alg }) => alg).join(', ')}: one key signs, and the next is announced.`,
        ),
      );
    checks.push(
      (await isResealPending())
        ? warning(
            'secret keys',
            'Older keys of SECRET_KEYS still encrypt some secrets.',
            'Run writ keys reseal before you remove them.',
          )
        : ok('secret keys', 'The newest key of SECRET_KEYS encrypts everything.'),
    );
    return checks;
  };

  const partitions: Diagnosis = async () => {
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
    const jobs = 'Look for failed jobs in the logs of all servers; one of them runs the jobs.';
    return [
      weeks >= 52
        ? ok('partitions', `There are token partitions for the next ${weeks} weeks.`)
        : failed(
            'partitions',
            `There are token partitions for only the next ${weeks} weeks.`,
            jobs,
          ),
      months >= 2
        ? ok('audit partitions', `There are audit partitions for the next ${months} months.`)
        : failed(
            'audit partitions',
            `There are audit partitions for only the next ${months} months.`,
            jobs,
          ),
    ];
  };

  const jobs: Diagnosis = async () => {
    const held = await value(
      `exists (select from lease where name = 'jobs' and expires_at > now())`,
    );
    if (held !== 'true')
      return [
        failed(
          'jobs',
          'No server has run the jobs in the last minutes.',
          'Look for failed jobs in the log.',
        ),
      ];
    const failing = await kysely
      .selectFrom('job_run')
      .select(['name', 'failures', 'error'])
      .where('failures', '>=', manyFailures)
      .orderBy('name')
      .execute();
    return failing.length === 0
      ? [ok('jobs', 'A server runs the jobs: partitions, key rotation, clean-up.')]
      : failing.map(({ name, failures, error }) =>
          failed(
            'jobs',
            `The job ${name} failed ${failures} times in a row: ${error}`,
            'See all jobs with writ jobs list, or in the console under Jobs; the log has the whole error.',
          ),
        );
  };

  const checkMail: Diagnosis = async () => {
    if (!mail) {
      const unset =
        'No email is sent (SMTP_URL is unset): people are not notified of new, expiring or leaked tokens.';
      return [
        database.embedded
          ? ok('mail', unset)
          : warning('mail', unset, 'Set SMTP_URL and MAIL_FROM, as docs/mail.md says.'),
      ];
    }
    // An email in its first attempt is still being sent; a failed attempt has a shorter pause.
    const waiting = Number(
      await value(
        `select count(*) from mail where sent_at is null and isfinite(next_attempt_at)
          and (attempts > 1 or (attempts = 1 and next_attempt_at <= now() + interval '${mailDelivery.pauses[0]} seconds'))`,
      ),
    );
    const queued =
      waiting === 1 ? ' 1 email is waiting.' : waiting > 1 ? ` ${waiting} emails are waiting.` : '';
    try {
      await mail.verify(maxMailWait);
    } catch (error) {
      return [
        failed(
          'mail',
          `The mail server accepts no email: ${(error instanceof Error ? error.message : String(error)).replace(/\.?$/, '.')}${queued}`,
          'Check the server, the user and the password of SMTP_URL, and whether that server accepts connections from here.',
        ),
      ];
    }
    return [
      waiting === 0
        ? ok('mail', 'The mail server responds.')
        : warning(
            'mail',
            `The mail server responds, but some emails could not be sent yet.${queued}`,
            'The log says why: the server may not accept MAIL_FROM as a sender.',
          ),
    ];
  };

  const diagnoses: [string, Diagnosis][] = [
    ['database', checkDatabase],
    ['disk', commits],
    ['schema', schema],
    ['durability', durability],
    ['clock', clock],
    ['proxy', proxy],
    [
      'client certificates',
      async () => (certificates ? diagnoseCertificates(kysely, certificates) : []),
    ],
    ['dialects', checkDialects],
    ['redis', checkRedis],
    ['keys', keys],
    [
      'processes',
      async () => {
        const states = workers?.();
        return states ? diagnoseWorkers(states) : [];
      },
    ],
    ['partitions', partitions],
    ['jobs', jobs],
    ['mail', checkMail],
    [
      'registration',
      async () => (registration ? [await diagnoseRegistration(kysely, registration)] : []),
    ],
    ['administrators', () => diagnoseAdministrators(kysely)],
    ['identity providers', () => diagnoseProviders(providers, upstream)],
    ['trusted issuers', () => diagnoseIssuers(trustedIssuers, issuerKeys)],
    ['registrations', () => diagnoseRegistrations(kysely, unusedResources)],
  ];

  return async (): Promise<Check[]> => {
    const checks: Check[] = [];
    for (const [name, diagnose] of diagnoses)
      try {
        checks.push(...(await diagnose()));
      } catch (error) {
        checks.push(
          failed(
            name,
            `The check could not run: ${error instanceof Error ? error.message : error}`,
            'Check whether it is reachable from the server.',
          ),
        );
      }
    return checks;
  };
}
