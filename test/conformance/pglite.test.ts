import { adapterContract } from './contract.ts';
import { openStores } from './stores.ts';

adapterContract('PGlite', () => openStores('pglite'));
