import type { Database, Statement } from '../../db/database.ts';
import { isUniqueViolation } from '../../db/errors.ts';
import type { Connection, ScopeDescription } from '../../db/schema.ts';
import { OAuthError } from '../oauth/errors.ts';
import { createLookup } from './batch.ts';
import { retryLostConnection } from './retry.ts';

/** An API that tokens are for (RFC 8707). */
export interface Resource {
  /** An absolute URI without fragment; the audience of its tokens. */
  identifier: string;
  name: string;
  scopes: ScopeDescription[];
  tokenFormat: 'opaque' | 'jwt';
  signingAlg: string;
  /** Seconds; null leaves it to the lifetimes of the installation. */
  accessTokenTtl: number | null;
  /** Tokens of requests that name no resource are for this one. */
  isDefault: boolean;
}

const columns = `identifier, name, scopes, token_format as "tokenFormat", signing_alg as "signingAlg",
  access_token_ttl as "accessTokenTtl", is_default as "isDefault"`;

const find: Statement = {
  name: 'resource-find',
  text: `select ${columns} from resource where identifier = any ($1::text[]) or (is_default and '' = any ($1::text[]))`,
};

export function createResources({ database }: { database: Database }) {
  const load = createLookup<Resource | undefined>({
    inFlight: 2,
    run: async (identifiers) => {
      const rows = await retryLostConnection(() => database.query<Resource>(find, [identifiers]));
      return identifiers.map((identifier) =>
        rows.find((row) => (identifier ? row.identifier === identifier : row.isDefault)),
      );
    },
  });

  return {
    find: async (identifier: string): Promise<Resource | undefined> =>
      identifier === '' || identifier.includes('\0') ? undefined : load(identifier),

    /** The resource of requests that name none, where the installation has one. */
    findDefault: (): Promise<Resource | undefined> => load(''),

    list: (): Promise<Resource[]> =>
      database.query<Resource>(
        { name: 'resource-list', text: `select ${columns} from resource order by identifier` },
        [],
      ),

    /** Throws `conflict` where the identifier is taken. A new default takes the place of the old one. */
    async create(resource: Resource, connection: Connection = database.kysely): Promise<Resource> {
      const make = async (transaction: Connection) => {
        if (resource.isDefault)
          await transaction
            .updateTable('resource')
            .set({ is_default: false })
            .where('is_default', '=', true)
            .execute();
        await transaction
          .insertInto('resource')
          .values({
            identifier: resource.identifier,
            name: resource.name,
            scopes: JSON.stringify(resource.scopes),
            token_format: resource.tokenFormat,
            signing_alg: resource.signingAlg,
            access_token_ttl: resource.accessTokenTtl,
            is_default: resource.isDefault,
          })
          .execute();
      };
      try {
        await (connection === database.kysely
          ? database.kysely.transaction().execute(make)
          : make(connection));
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new OAuthError('conflict', `There is a resource ${resource.identifier} already.`, {
          cause: error,
        });
      }
      return resource;
    },
  };
}

export type Resources = ReturnType<typeof createResources>;
