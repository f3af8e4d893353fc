import type { Database } from '../../../../db/database.ts';
import type { ClientLookup } from '../../clients/lookup.ts';
import type { Resources } from '../../resources/resources.ts';
import type { FindToken } from '../find-by-value.ts';
import type { RevokeWithGrant } from '../revocation.ts';
import type { TokenLookup } from '../token-state.ts';

/**
 * The dependencies of this folder. Not in `types.ts`, because `domain/resources` imports that, which would be a cycle.
 */
export interface NamedTokenDependencies {
  database: Database;
  find: FindToken;
  /** Finds a token with the state of what it comes from. */
  lookup: TokenLookup;
  revokeWithGrant: RevokeWithGrant;
  clients: ClientLookup;
  resources: Pick<
    Resources,
    | 'find'
    | 'findDefault'
    | 'openToApps'
    | 'openToSelfRegistered'
    | 'openToPeople'
    | 'requireDetails'
  >;
  /** Whether people can create apps. If not, they are offered no scopes for apps. Default: yes. */
  peopleCreateApps?: boolean | undefined;
}
