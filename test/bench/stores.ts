import { Redis } from 'ioredis';
import pg from 'pg';
import { startPostgres, startRedis } from '../support/services.ts';
import { cpuOf, cpuOfFamily, parentOf } from './usage.ts';

/** Postgres, durable as in production, and Redis, with what each has cost in CPU. */
export async function startStores() {
  const [postgres, redis] = await Promise.all([startPostgres({ fsync: true }), startRedis()]);
  const postmaster = await postmasterOf(postgres.url);
  const redisPid = await pidOfRedis(redis.url);
  return {
    postgresUrl: postgres.url,
    redisUrl: redis.url,
    redisCpu: () => cpuOf(redisPid),
    /** Of all backends and of what works in the background for them. */
    postgresCpu: () => cpuOfFamily(postmaster),
    stop: () => Promise.all([postgres.stop(), redis.stop()]),
  };
}

export type Stores = Awaited<ReturnType<typeof startStores>>;

/** The parent of our backend, which has to be there while we look. */
async function postmasterOf(connectionString: string): Promise<number> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query('select pg_backend_pid() as pid');
    return parentOf(rows[0].pid);
  } finally {
    await client.end();
  }
}

async function pidOfRedis(url: string): Promise<number> {
  const redis = new Redis(url);
  try {
    return Number(/^process_id:(\d+)/m.exec(await redis.info('server'))?.[1]);
  } finally {
    redis.disconnect();
  }
}
