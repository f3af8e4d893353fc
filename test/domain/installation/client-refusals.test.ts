import { expect, test } from '@jest/globals';
import type { Database } from '../../../db/database.ts';
import { createClientRefusals } from '../../../src/domain/installation/client-refusals.ts';
import { requestRefused } from '../../../src/telemetry/channels.ts';

test('while the database is away, refusals of made-up clients do not pile up, and newer ones replace older ones', async () => {
  let isAway = true;
  let written: unknown[] = [];
  const query = async (_statement: unknown, [clientIds]: unknown[][]) => {
    if (isAway) throw new Error('away');
    written = clientIds as unknown[];
    return [];
  };
  const refusals = createClientRefusals({ database: { query } as unknown as Database });
  const end = refusals.observe();
  for (let minute = 0; minute < 3; minute++) {
    for (let index = 0; index < 290; index++)
      requestRefused.publish({
        clientId: `minute ${minute}, client ${index}`,
        error: 'invalid_client',
        reason: 'there is no such client',
        isAuthentication: true,
        address: '192.0.2.7',
      });
    await expect(refusals.write()).rejects.toThrow('away');
  }
  end();
  isAway = false;
  await refusals.write();
  expect(written).toHaveLength(300);
  expect(written.filter((id) => String(id).startsWith('minute 2'))).toHaveLength(290);
});
