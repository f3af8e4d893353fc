import { expect, test } from '@jest/globals';
import { createRevocationStreams } from '../../../src/domain/audit/revocation-streams.ts';
import type { Revocations } from '../../../src/domain/audit/revocations.ts';
import { currentTraces, enableTraces, inTraces } from '../../../src/telemetry/traces.ts';

test('the looks at the database that serve all followers are no part of the trace of one', async () => {
  enableTraces();
  const { promise: traces, resolve } = Promise.withResolvers<unknown>();
  const revocations: Pick<Revocations, 'after' | 'lastNumber'> = {
    after: async () => [],
    lastNumber: async () => {
      resolve(currentTraces());
      return 1;
    },
  };
  const streams = createRevocationStreams({
    revocations: revocations as Revocations,
    onError: () => {},
  });
  const leaving = new AbortController();
  await inTraces([{ traceId: '1', spanId: '2' }], () =>
    streams.follow({
      client: 'follower',
      resources: [],
      begin: 1,
      isAllowed: async () => true,
      signal: leaving.signal,
    }),
  );
  expect(await traces).toEqual([]);
  leaving.abort();
  streams.close();
});
