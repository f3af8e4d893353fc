import { describe } from '@jest/globals';
import { postgresUrl } from '../support/databases.ts';
import { adapterContract } from './contract.ts';
import { openStores } from './stores.ts';

(postgresUrl ? describe : describe.skip)('Postgres without Redis', () => {
  adapterContract('Postgres', () => openStores('postgres'));
});
