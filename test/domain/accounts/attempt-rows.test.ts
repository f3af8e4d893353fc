import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { attempts as allowed } from '../../../config/attempts.ts';
import { createAttempts } from '../../../src/domain/accounts/sign-in-attempts.ts';
import { createLimits } from '../../../src/domain/limits/rate-limits.ts';
import { onEveryStore } from './people.ts';

onEveryStore((store) => {
  test('an address that has used up its limit creates no more rows, however many accounts it names', async () => {
    const { database } = store();
    const attempts = createAttempts({
      limits: createLimits({ database }),
      delay: async () => {},
    });
    const rows = async () => {
      const { rows: found } = await sql`select from rate_limit`.execute(database.kysely);
      return found.length;
    };
    const attempt = (number: number) =>
      attempts.begin({
        email: `${number}@example.com`,
        ip: '198.51.100.9',
        knownBrowser: undefined,
      });
    await sql`delete from rate_limit`.execute(database.kysely);
    for (let number = 0; number < allowed.fromAddress.points; number++) await attempt(number);
    const before = await rows();
    for (let number = 1000; number < 1050; number++)
      await expect(attempt(number)).rejects.toThrow('too many');
    expect(await rows()).toBe(before);
  });
});
