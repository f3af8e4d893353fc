import { afterAll, describe } from '@jest/globals';
import { postgresUrl } from '../support/databases.ts';
import { type Service, startRedisCluster } from '../support/services.ts';
import { adapterContract } from './contract.ts';
import { redisOnly } from './redis-only.ts';
import { openStores } from './stores.ts';

const present = postgresUrl && process.env['TEST_REDIS_URL'];

(present ? describe : describe.skip)('Postgres with a Redis Cluster of its own', () => {
  let cluster: Pick<Service, 'stop'> | undefined;
  afterAll(() => cluster?.stop());
  const start = async () => {
    const started = await startRedisCluster();
    cluster = started;
    return started.url;
  };
  adapterContract('Postgres and Redis Cluster', () => openStores('postgres', start), redisOnly);
});
