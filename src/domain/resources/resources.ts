import { sql } from 'kysely';
import { defaultAppPolicy as appPolicyDefaults } from '../../../config/apps.ts';
import { dialectResources } from '../../../config/dialects.ts';
import {
  appApiTokenTtl,
  personalTokenTtl,
  selfRegisteredAccessTokenTtl,
} from '../../../config/tokens.ts';
import type { Database, Statement } from '../../../db/database.ts';
import type {
  AppPolicy,
  Connection,
  DetailsType,
  PersonalPolicy,
  ScopeDescription,
  SelfRegisteredPolicy,
} from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import { createLookup } from '../database/batch.ts';
import type { Precondition } from '../database/precondition.ts';
import { orUnavailable } from '../database/retry.ts';
import { hasActiveTokens } from '../tokens/named/find.ts';
import { requireFreeClaims } from './claims.ts';
import { createDetailRules, type SuitsResource } from './details.ts';
import { resourceTexts } from './resource-texts.ts';
import { requireScopeNames } from './scope-names.ts';

/** An API that tokens are issued for (RFC 8707). */
export interface Resource {
  /** An absolute URI without a fragment; the audience (`aud`) of its tokens. */
  identifier: string;
  name: string;
  scopes: ScopeDescription[];
  tokenFormat: 'opaque' | 'jwt';
  signingAlg: string;
  /** Lifetime of access tokens in seconds; null for the default of the installation. */
  accessTokenTtl: number | null;
  /** Whether requests without a `resource` parameter get tokens for this one. */
  isDefault: boolean;
  /** The limits for clients of apps; null if they can get no tokens for it. */
  appPolicy: AppPolicy | null;
  /** The limits of personal access tokens; null if there are none for it. */
  personalPolicy: PersonalPolicy | null;
  /** The limits of clients that registered themselves; null if they can get no tokens for it. */
  selfRegisteredPolicy: SelfRegisteredPolicy | null;
  /** The types of `authorization_details` that its tokens can be limited to (RFC 9396 §2). */
  detailsTypes: DetailsType[];
  /** The claims of its tokens that come from attributes of the person: the attribute of each. */
  claims: Record<string, string>;
}

/** The input of `create`. By default there are no personal access tokens for a new resource. */
export type NewResource = Omit<Resource, Optional> & Partial<Pick<Resource, Optional>>;

type Optional = 'personalPolicy' | 'selfRegisteredPolicy' | 'detailsTypes' | 'claims';

/** The app policy of a resource that is open to apps, unless the administrator sets another. */
export const defaultAppPolicy: AppPolicy = {
  token_formats: ['opaque', 'jwt'],
  longest_access_token_ttl: appPolicyDefaults.longestAccessTokenTtl,
  longest_api_token_ttl: appApiTokenTtl,
};

/** The policy of a resource that is open to personal access tokens, unless the administrator sets another. */
export const defaultPersonalPolicy: PersonalPolicy = { longest_ttl: personalTokenTtl.max };

/** The policy of a resource that is open to clients that registered themselves, unless the administrator sets another. */
export const defaultSelfRegisteredPolicy: SelfRegisteredPolicy = {
  longest_access_token_ttl: selfRegisteredAccessTokenTtl,
};

/** An update of a policy: members left out keep their value, and null closes the resource. */
type PolicyChanges<Policy> = { [Member in keyof Policy]?: Policy[Member] | undefined } | null;

/** An update of a resource: members left out keep their value, also those of its policies. */
export type ResourceChanges = Partial<
  Omit<Resource, 'identifier' | 'appPolicy' | 'personalPolicy' | 'selfRegisteredPolicy'>
> & {
  appPolicy?: PolicyChanges<AppPolicy>;
  personalPolicy?: PolicyChanges<PersonalPolicy>;
  selfRegisteredPolicy?: PolicyChanges<SelfRegisteredPolicy>;
};

/** The maximum lifetime of the API tokens of an app's client, in seconds; null for no limit. */
export const maxApiTokenTtl = ({
  longest_api_token_ttl: longest = appApiTokenTtl,
}: Pick<AppPolicy, 'longest_api_token_ttl'>): number | null => longest;

const columns = `identifier, name, scopes, token_format as "tokenFormat", signing_alg as "signingAlg",
  access_token_ttl as "accessTokenTtl", is_default as "isDefault", app_policy as "appPolicy",
  personal_policy as "personalPolicy", self_registered_policy as "selfRegisteredPolicy", details_types as "detailsTypes", claims`;

const find: Statement = {
  name: 'resource-find',
  unsettled: true,
  text: `select ${columns} from resource where identifier = any ($1::text[]) or (is_default and '' = any ($1::text[]))`,
};

/**
 * The registry of resources. Reads of many requests in the same tick share one statement. The methods that read throw
 * `temporarily_unavailable` while the database is unreachable.
 */
export function createResources({
  database,
  apiResource,
  suitsResource,
}: {
  database: Database;
  /** The identifier of Writ's own API. Only the server itself changes that resource, at start. */
  apiResource: string;
  /** An additional check of details; see `createDetailRules`. */
  suitsResource?: SuitsResource | undefined;
}) {
  const requireNotOwnApi = (identifier: string): void => {
    if (identifier === apiResource)
      throw new OAuthError(
        'access_denied',
        `${identifier} is Writ's own API. It cannot be changed or deleted.`,
      );
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

    /** The resource with this identifier. */
    find: async (identifier: string): Promise<Resource | undefined> =>
      identifier === '' || identifier.includes('\0') ? undefined : load(identifier),

    /** The resource of requests without a `resource` parameter, if the installation has one. */
    findDefault: (): Promise<Resource | undefined> => load(''),

    /**
     * The resources that clients of apps can get tokens for: the default one first, those of dialects last. A dialect
     * that is switched on therefore changes nothing for clients that name no resource.
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

    /** The resources that people can create personal access tokens for, the default one first. */
    openToPeople: (connection: Connection = database.kysely): Promise<Resource[]> =>
      orUnavailable(async () => {
        const { rows } = await sql<Resource>`
          select ${sql.raw(columns)} from resource where personal_policy is not null
          order by is_default desc, identifier`.execute(connection);
        return rows;
      }),

    /** The resources that clients that registered themselves can get tokens for, the default one first. */
    openToSelfRegistered: (connection: Connection = database.kysely): Promise<Resource[]> =>
      orUnavailable(async () => {
        const { rows } = await sql<Resource>`
          select ${sql.raw(columns)} from resource where self_registered_policy is not null
          order by is_default desc, identifier`.execute(connection);
        return rows;
      }),

    /** All resources, by identifier. */
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

    /** The names of the types of authorization details (RFC 9396 §2) of all resources, in order. */
    detailsTypes: async (): Promise<string[]> => {
      const rows = await orUnavailable(() =>
        database.query<{ type: string }>(
          {
            name: 'resource-details-types',
            text: `select distinct t->>'type' as type from resource, jsonb_array_elements(details_types) t order by 1`,
          },
          [],
        ),
      );
      return rows.map(({ type }) => type);
    },

    /** Up to `limit` resources after the identifier `after`, by identifier. */
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

    /** Creates a resource. A new default replaces the old one. Throws `conflict` if the identifier is taken. */
    create: (given: NewResource, connection: Connection = database.kysely): Promise<Resource> =>
      inTransaction(connection, async (transaction) => {
        requireScopeNames(given.scopes.map(nameOf));
        const complete = {
          personalPolicy: null,
          selfRegisteredPolicy: null,
          detailsTypes: [],
          claims: {},
          ...given,
        };
        requireFreeClaims(complete.claims);
        const resource = { ...complete, ...resourceTexts(complete) };
        if (resource.isDefault) {
          await lockDefault(transaction);
          await clearDefault(transaction);
        }
        const { numInsertedOrUpdatedRows = 0n } = await transaction
          .insertInto('resource')
          .values({ identifier: resource.identifier, ...rowOf(resource) })
          .onConflict((conflict) => conflict.column('identifier').doNothing())
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n)
          throw new OAuthError('conflict', `The resource ${resource.identifier} already exists.`, {
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
     * Changes a resource. Tokens that were issued before keep their scope, format and lifetime. `precondition` gets the
     * locked resource and may throw. Returns undefined if the resource does not exist. Throws `access_denied` for
     * Writ's own API, `conflict` for taking the default away without naming another, and `invalid_request` for bad
     * names.
     */
    update: (
      identifier: string,
      { appPolicy, personalPolicy, selfRegisteredPolicy, ...changes }: ResourceChanges,
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
            `${identifier} is the default resource. Make another resource the default instead.`,
            { parameter: 'default' },
          );
        if (changes.scopes)
          requireScopeNames(changes.scopes.map(nameOf), before.scopes.map(nameOf));
        if (changes.claims) requireFreeClaims(changes.claims);
        const after = {
          ...before,
          ...changes,
          ...resourceTexts(changes, before),
          appPolicy: mergePolicy(before.appPolicy, appPolicy, defaultAppPolicy),
          personalPolicy: mergePolicy(before.personalPolicy, personalPolicy, defaultPersonalPolicy),
          selfRegisteredPolicy: mergePolicy(
            before.selfRegisteredPolicy,
            selfRegisteredPolicy,
            defaultSelfRegisteredPolicy,
          ),
        };
        if (isSame({ ...before }, { ...after })) return before;
        if (after.isDefault && !before.isDefault) await clearDefault(transaction);
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
     * Deletes a resource. Returns false if it does not exist. Throws `access_denied` for Writ's own API, and `conflict`
     * for the default resource, while a client has the resource, or while active personal access tokens or API tokens
     * are for it: a new resource with the same identifier would make them valid again.
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
            `${identifier} is the default resource. Make another resource the default first.`,
          );
        const clientWithResource = await transaction
          .selectFrom('client')
          .select('client_id')
          .where(
            sql<boolean>`(${identifier} = any (resources) or ${identifier} = any (resource_server_for))`,
          )
          .where('deleted_at', 'is', null)
          .limit(1)
          .executeTakeFirst();
        if (clientWithResource)
          throw new OAuthError(
            'conflict',
            `The client ${clientWithResource.client_id} uses ${identifier}. Remove the resource from the client first.`,
          );
        if (await hasActiveTokens(transaction, identifier))
          throw new OAuthError(
            'conflict',
            `There are personal access tokens or API tokens for ${identifier}. Revoke them first.`,
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

/** Applies changes to a policy. A policy that is new starts from `defaults`. */
function mergePolicy<Policy extends object>(
  before: Policy | null,
  changes: PolicyChanges<Policy> | undefined,
  defaults: Policy,
): Policy | null {
  if (changes === undefined) return before;
  const given = Object.entries(changes ?? {}).filter(([, value]) => value !== undefined);
  return changes && { ...(before ?? defaults), ...(Object.fromEntries(given) as Partial<Policy>) };
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
  self_registered_policy:
    resource.selfRegisteredPolicy && JSON.stringify(resource.selfRegisteredPolicy),
  details_types: JSON.stringify(resource.detailsTypes),
  claims: JSON.stringify(resource.claims),
});

/** Serializes changes of the default. Taken before any row lock, so that two of them cannot deadlock. */
const lockDefault = (transaction: Connection) =>
  sql`select pg_advisory_xact_lock(hashtext('writ default resource'))`.execute(transaction);

const clearDefault = (transaction: Connection) =>
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
