import type { Database } from '../../../../db/database.ts';
import type { ClientLookup } from '../../clients/lookup.ts';
import type { Resources } from '../../resources/resources.ts';
import type { FindToken } from '../find-by-value.ts';
import type { RevokeWithGrant } from '../revocation.ts';

/** What the parts of this folder need. Apart from `types.ts`, since resources read those. */
export interface NamedTokenDependencies {
  database: Database;
  find: FindToken;
  revokeWithGrant: RevokeWithGrant;
  clients: ClientLookup;
  resources: Pick<
    Resources,
    'find' | 'findDefault' | 'openToApps' | 'openToPeople' | 'requireDetails'
  >;
}
