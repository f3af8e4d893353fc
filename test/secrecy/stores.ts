import { Redis } from 'ioredis';
import { sql } from 'kysely';
import type { Database } from '../../db/database.ts';

/** Everything that the database holds, each value as text; bytes as hexadecimal digits and letter by letter. */
export async function dumpDatabase({ kysely }: Database): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select quote_ident(table_schema) || '.' || quote_ident(table_name) as name
    from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`.execute(
    kysely,
  );
  const lines: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.raw(name)}`.execute(
      kysely,
    );
    for (const row of rows)
      for (const [column, value] of Object.entries(row))
        for (const text of spellings(value)) lines.push(`${name}.${column} ${text}`);
  }
  return lines.join('\n');
}

function spellings(value: unknown): string[] {
  if (value instanceof Uint8Array) {
    const bytes = Buffer.from(value);
    return [bytes.toString('hex'), bytes.toString('latin1')];
  }
  return [typeof value === 'string' ? value : JSON.stringify(value)];
}

/** Everything that a Redis holds, keys and values of every type. */
export async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const lines: string[] = [];
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'COUNT', 1000);
      cursor = next;
      for (const key of keys) lines.push(key, ...(await contentOf(redis, key)));
    } while (cursor !== '0');
    return lines.join('\n');
  } finally {
    redis.disconnect();
  }
}

async function contentOf(redis: Redis, key: string): Promise<string[]> {
  const type = await redis.type(key);
  if (type === 'none') return []; // It expired since it was listed.
  if (type === 'string') return spellings((await redis.getBuffer(key)) ?? '');
  if (type === 'zset') return redis.zrange(key, '0', '-1');
  if (type === 'hash') return Object.entries(await redis.hgetall(key)).flat();
  if (type === 'set') return redis.smembers(key);
  if (type === 'list') return redis.lrange(key, 0, -1);
  throw new Error(`a test has to learn to read a ${type}`);
}
