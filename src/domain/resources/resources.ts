import { sql } from 'kysely';
import { defaultAppPolicy } from '../../../config/apps.ts';
import { dialectResources } from '../../../config/dialects.ts';
import { appApiTokenTtl, personalTokenTtl } from '../../../config/tokens.ts';
import type { Database, Statement } from '../../../db/database.ts';
import type {
  AppPolicy,
  Connection,
  DetailsType,
  PersonalPolicy,
  ScopeDescription,
} from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import { createLookup } from '../database/batch.ts';
import type { Precondition } from '../database/precondition.ts';
import { orUnavailable } from '../database/retry.ts';
import { isActiveFor } from '../tokens/named/find.ts';
import { createDetailRules, type SuitsResource } from './details.ts';
import { resourceTexts } from './resource-texts.ts';
import { requireScopeNames } from './scope-names.ts';

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
  /** What clients of apps may have of it; null where they may have nothing. */
  appPolicy: AppPolicy | null;
  /** What people may have of it by personal access tokens; null where nothing. */
  personalPolicy: PersonalPolicy | null;
  /** The kinds of single things that its tokens can be limited to (RFC 9396 §2). */
  detailsTypes: DetailsType[];
}

/** A resource as it is made: people have no tokens of their own for it unless it says otherwise. */
export type NewResource = Omit<Resource, 'personalPolicy' | 'detailsTypes'> &
  Partial<Pick<Resource, 'personalPolicy' | 'detailsTypes'>>;

/** What clients of apps may have of a resource that is open to them, where its administrator says nothing else. */
export const standardAppPolicy: AppPolicy = {
  token_formats: ['opaque', 'jwt'],
  longest_access_token_ttl: defaultAppPolicy.longestAccessTokenTtl,
  longest_api_token_ttl: appApiTokenTtl,
};

/** What people may have of a resource that is open to them, where its administrator says nothing else. */
export const defaultPersonalPolicy: PersonalPolicy = { longest_ttl: personalTokenTtl.max };

/** What an update says of a policy; what is left out stays as it is, and null closes the resource. */
type PolicyChanges<Policy> = { [Member in keyof Policy]?: Policy[Member] | undefined } | null;

/** What changes of a resource. What is left out stays as it is, of its policies too. */
export type ResourceChanges = Partial<
  Omit<Resource, 'identifier' | 'appPolicy' | 'personalPolicy'>
> & {
  appPolicy?: PolicyChanges<AppPolicy>;
  personalPolicy?: PolicyChanges<PersonalPolicy>;
};

/** Seconds that an API token of an app's client lives at most; null: for ever. */
export const maxApiTokenTtl = ({
  longest_api_token_ttl: longest = appApiTokenTtl,
}: Pick<AppPolicy, 'longest_api_token_ttl'>): number | null => longest;

const columns = `identifier, name, scopes, token_format as "tokenFormat", signing_alg as "signingAlg",
  access_token_ttl as "accessTokenTtl", is_default as "isDefault", app_policy as "appPolicy",
  personal_policy as "personalPolicy", details_types as "detailsTypes"`;

const find: Statement = {
  name: 'resource-find',
  unsettled: true,
  text: `select ${columns} from resource where identifier = any ($1::text[]) or (is_default and '' = any ($1::text[]))`,
};

export function createResources({
  database,
  apiResource,
  suitsResource,
}: {
  database: Database;
  /** The resource that Writ's own API is; only the server itself changes it, when it starts. */
  apiResource: string;
  /** Whether a detail is as its resource writes it; without it, what fits its declared kinds is. */
  suitsResource?: SuitsResource | undefined;
}) {
  const requireNotOwnApi = (identifier: string): void => {
    if (identifier === apiResource)
      throw new OAuthError('access_denied', "Writ's own API can be neither changed nor deleted.");
  };

  const load = createLookup<Resource | undefined>({
    maxConcurrent: 2,
    run: async (identifiers) => {
      const rows = await orUnavailable(() => database.query<Resource>(find, [identifiers]));
      return identifiers.map((identifier) =>
        rows.find((row) => (identifier ? row.identifier === identifier : row.isDefault)),
      );
    },
  });

  return {
    ...createDetailRules(suitsResource),

    find: async (identifier: string): Promise<Resource | undefined> =>
      identifier === '' || identifier.includes('\0') ? undefined : load(identifier),

    /** The resource of requests that name none, where the installation has one. */
    findDefault: (): Promise<Resource | undefined> => load(''),

    /**
     * Those that clients of apps may have tokens for, the default one first, and those of dialects last: switching a dialect on
     * changes nothing for clients that name no resource.
     */
    openToApps: (connection: Connection = database.kysely): Promise<Resource[]> =>
      orUnavailable(async () => {
        const { rows } = await sql<Resource>`
          select ${sql.raw(columns)} from resource where app_policy is not null
          order by is_default desc, identifier = any (${Object.values(dialectResources)}::text[]), identifier`.execute(
          connection,
        );
        return rows;
      }),

    /** Those that people may have tokens of their own for, the default one first. */
    openToPeople: (connection: Connection = database.kysely): Promise<Resource[]> =>
      orUnavailable(async () => {
        const { rows } = await sql<Resource>`
          select ${sql.raw(columns)} from resource where personal_policy is not null
          order by is_default desc, identifier`.execute(connection);
        return rows;
      }),

    /** Every one, in the order of their identifiers. */
    all: (): Promise<Resource[]> =>
      orUnavailable(() =>
        database.query<Resource>(
          {
            name: 'resource-all',
            text: `select ${columns} from resource order by identifier`,
          },
          [],
        ),
      ),

    /** In the order of their identifiers, those after `after`. */
    page: ({
      after = '',
      limit,
    }: {
      after?: string | undefined;
      limit: number;
    }): Promise<Resource[]> =>
      database.query<Resource>(
        {
          name: 'resource-page',
          text: `select ${columns} from resource where identifier > $1 order by identifier limit $2::integer`,
        },
        [after, limit],
      ),

    /** Throws `conflict` where the identifier is taken. A new default takes the place of the old one. */
    create: (given: NewResource, connection: Connection = database.kysely): Promise<Resource> =>
      inTransaction(connection, async (transaction) => {
        requireScopeNames(given.scopes.map(nameOf));
        const filled = { personalPolicy: null, detailsTypes: [], ...given };
        const resource = { ...filled, ...resourceTexts(filled) };
        if (resource.isDefault) {
          await lockDefault(transaction);
          await leaveNoDefault(transaction);
        }
        const { numInsertedOrUpdatedRows = 0n } = await transaction
          .insertInto('resource')
          .values({ identifier: resource.identifier, ...rowOf(resource) })
          .onConflict((conflict) => conflict.column('identifier').doNothing())
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n)
          throw new OAuthError('conflict', `There is a resource ${resource.identifier} already.`, {
            parameter: 'identifier',
          });
        await recordEvent(transaction, {
          action: 'resource.created',
          target: { kind: 'resource', id: resource.identifier },
          details: { scopes: resource.scopes.map(({ name }) => name) },
        });
        return resource;
      }),

    /**
     * Changes a resource, for tokens that are issued from now on. `precondition` is called with the
     * resource as it is, locked, and may throw. Undefined where there is none. Throws `access_denied` for
     * Writ's own API.
     */
    update: (
      identifier: string,
      { appPolicy, personalPolicy, ...changes }: ResourceChanges,
      precondition: Precondition<Resource> = () => {},
    ): Promise<Resource | undefined> =>
      database.kysely.transaction().execute(async (transaction) => {
        requireNotOwnApi(identifier);
        if (changes.isDefault !== undefined) await lockDefault(transaction);
        const before = await locked(transaction, identifier);
        precondition(before);
        if (!before) return undefined;
        if (before.isDefault && changes.isDefault === false)
          throw new OAuthError(
            'conflict',
            `${identifier} stays the default resource until another becomes it.`,
            { parameter: 'default' },
          );
        if (changes.scopes)
          requireScopeNames(changes.scopes.map(nameOf), before.scopes.map(nameOf));
        const after = {
          ...before,
          ...changes,
          ...resourceTexts(changes, before),
          appPolicy: mergePolicy(before.appPolicy, appPolicy, standardAppPolicy),
          personalPolicy: mergePolicy(before.personalPolicy, personalPolicy, defaultPersonalPolicy),
        };
        if (isSame({ ...before }, { ...after })) return before;
        if (after.isDefault && !before.isDefault) await leaveNoDefault(transaction);
        await transaction
          .updateTable('resource')
          .set(rowOf(after))
          .where('identifier', '=', identifier)
          .execute();
        await recordEvent(transaction, {
          action: 'resource.updated',
          target: { kind: 'resource', id: identifier },
          details: diffOf({ ...before }, { ...after }),
        });
        return after;
      }),

    /**
     * False where there is no such resource. Throws `access_denied` for Writ's own API, and `conflict` while a client has it, or it is the default, or
     * there is a token for it that somebody owns: one that is made anew would bring those to life again.
     */
    delete: (
      identifier: string,
      precondition: Precondition<Resource> = () => {},
    ): Promise<boolean> =>
      database.kysely.transaction().execute(async (transaction) => {
        requireNotOwnApi(identifier);
        const resource = await locked(transaction, identifier);
        precondition(resource);
        if (!resource) return false;
        if (resource.isDefault)
          throw new OAuthError(
            'conflict',
            `${identifier} is the default resource; make another the default first.`,
          );
        const holder = await transaction
          .selectFrom('client')
          .select('client_id')
          .where(
            sql<boolean>`(${identifier} = any (resources) or ${identifier} = any (resource_server_for))`,
          )
          .where('deleted_at', 'is', null)
          .limit(1)
          .executeTakeFirst();
        if (holder)
          throw new OAuthError(
            'conflict',
            `${identifier} cannot be deleted while the client ${holder.client_id} has it.`,
          );
        if (await isActiveFor(transaction, identifier))
          throw new OAuthError(
            'conflict',
            `${identifier} cannot be deleted while there are personal access tokens or API tokens for it: revoke them first.`,
          );
        await transaction.deleteFrom('resource').where('identifier', '=', identifier).execute();
        await recordEvent(transaction, {
          action: 'resource.deleted',
          target: { kind: 'resource', id: identifier },
        });
        return true;
      }),
  };
}

/** A policy with what changes of it; of one that is new, the rest is the `standard`. */
function mergePolicy<Policy extends object>(
  before: Policy | null,
  changes: PolicyChanges<Policy> | undefined,
  standard: Policy,
): Policy | null {
  if (changes === undefined) return before;
  const given = Object.entries(changes ?? {}).filter(([, value]) => value !== undefined);
  return changes && { ...(before ?? standard), ...(Object.fromEntries(given) as Partial<Policy>) };
}

const nameOf = ({ name }: ScopeDescription): string => name;

const rowOf = (resource: Resource) => ({
  name: resource.name,
  scopes: JSON.stringify(resource.scopes),
  token_format: resource.tokenFormat,
  signing_alg: resource.signingAlg,
  access_token_ttl: resource.accessTokenTtl,
  is_default: resource.isDefault,
  app_policy: resource.appPolicy && JSON.stringify(resource.appPolicy),
  personal_policy: resource.personalPolicy && JSON.stringify(resource.personalPolicy),
  details_types: JSON.stringify(resource.detailsTypes),
});

/** Of two who change the default, the second waits here, before it locks what the first may need. */
const lockDefault = (transaction: Connection) =>
  sql`select pg_advisory_xact_lock(hashtext('writ default resource'))`.execute(transaction);

const leaveNoDefault = (transaction: Connection) =>
  transaction
    .updateTable('resource')
    .set({ is_default: false })
    .where('is_default', '=', true)
    .execute();

async function locked(transaction: Connection, identifier: string): Promise<Resource | undefined> {
  const { rows } = await sql<Resource>`
    select ${sql.raw(columns)} from resource where identifier = ${identifier} for update`.execute(
    transaction,
  );
  return rows[0];
}

export type Resources = ReturnType<typeof createResources>;
