import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createLease } from '../../src/jobs/lease.ts';
import { onEachDatabase } from '../db/each-database.ts';

onEachDatabase((database) => {
  const two = () => {
    const name = randomUUID();
    const lease = () => createLease({ database: database(), name, seconds: 180 });
    const runOut = () =>
      sql`update lease set expires_at = now() - interval '1 second' where name = ${name}`.execute(
        database().kysely,
      );
    return { one: lease(), other: lease(), runOut };
  };

  test('of two, the first to take it has it, and keeps it when it takes it again', async () => {
    const { one, other } = two();
    expect(await one.take()).toBe(true);
    expect(await other.take()).toBe(false);
    expect(await one.take()).toBe(true);
    expect(await other.take()).toBe(false);
  });

  test('of ten that take it at once, one has it', async () => {
    const name = randomUUID();
    const taken = await Promise.all(
      Array.from({ length: 10 }, () =>
        createLease({ database: database(), name, seconds: 180 }).take(),
      ),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  test('once it is released, another has it at once', async () => {
    const { one, other } = two();
    await one.take();
    await one.release();
    expect(await other.take()).toBe(true);
    expect(await one.take()).toBe(false);
  });

  test('once it has run out, another has it, and its former holder cannot release it', async () => {
    const { one, other, runOut } = two();
    await one.take();
    await runOut();
    expect(await other.take()).toBe(true);
    await one.release();
    expect(await one.take()).toBe(false);
  });

  test('taking it again makes it last longer', async () => {
    const { one, other, runOut } = two();
    await one.take();
    await runOut();
    expect(await one.take()).toBe(true);
    expect(await other.take()).toBe(false);
  });

  test('a lease of another name is another lease', async () => {
    expect(await two().one.take()).toBe(true);
    expect(await two().one.take()).toBe(true);
  });
});
