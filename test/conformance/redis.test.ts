import { afterAll, describe } from '@jest/globals';
import { postgresUrl } from '../support/databases.ts';
import { type Service, startRedis } from '../support/services.ts';
import { adapterContract } from './contract.ts';
import { redisOnly } from './redis-only.ts';
import { openStores } from './stores.ts';

const present = postgresUrl && process.env['TEST_REDIS_URL'];

(present ? describe : describe.skip)('Postgres with a Redis of its own', () => {
  let server: Service | undefined;
  afterAll(() => server?.stop());
  const start = async () => {
    server = await startRedis();
    return server.url;
  };
  adapterContract('Postgres and Redis', () => openStores('postgres', start), redisOnly);
});
