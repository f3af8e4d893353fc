/**
 * CROSS-APP ACCESS: which clients get ID-JAGs (draft-ietf-oauth-identity-assertion-authz-grant), with which they reach APIs of another
 * authorization server for people of this one, who are not asked there. So only callers with every scope decide about it.
 */
import { type SqlBool, sql } from 'kysely';
import { reservedClientIdPrefix } from '../../../config/clients.ts';
import { crossAppLimits } from '../../../config/cross-app-access.ts';
import type { Database, Statement } from '../../../db/database.ts';
import { isUniqueViolation } from '../../../db/errors.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import { isPublic } from '../clients/client-types.ts';
import { storedClientId } from '../clients/lookup.ts';
import { assertAllExist } from '../database/existence.ts';
import type { Precondition } from '../database/precondition.ts';
import { orUnavailable } from '../database/retry.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireEveryScope } from '../roles/rules.ts';
import { crossAppDefaults, requireCrossAppSettings } from './settings.ts';
import type {
  CrossAppAccess,
  CrossAppChanges,
  CrossAppSettings,
  NewCrossAppAccess,
} from './types.ts';

const validId = /^[a-z][a-z0-9-]{0,39}$/;

const described = `x.id, c.client_id as client, x.audience, x.client_id_there, x.sso_client_id as sso_client, x.resources, x.scopes,
  x.roles, x.email, x.lifetime, x.enabled, x.created_at, x.updated_at`;

const inForce: Statement = {
  name: 'cross-app-access-find',
  text: `select ${described} from cross_app_access x join client c on c.id = x.client_id
    where x.client_id = $1::uuid and x.audience = $2 and x.enabled`,
};

/** `issuer` is that of this server. */
export function createCrossAppAccess({ database, issuer }: { database: Database; issuer: string }) {
  const { kysely } = database;

  const select = async (
    connection: Connection,
    where = sql<SqlBool>`true`,
  ): Promise<CrossAppAccess[]> => {
    const { rows } = await sql<CrossAppAccess>`
      select ${sql.raw(described)} from cross_app_access x join client c on c.id = x.client_id
      where c.deleted_at is null and ${where} order by x.id`.execute(connection);
    return rows;
  };

  /** Locks the row, so that changes follow each other. */
  const locked = async (
    transaction: Connection,
    id: string,
  ): Promise<CrossAppAccess | undefined> => {
    await sql`select from cross_app_access where id = ${id} for update`.execute(transaction);
    return (await select(transaction, sql<SqlBool>`x.id = ${id}`))[0];
  };

  const change = <Result>(run: (transaction: Connection) => Promise<Result>): Promise<Result> =>
    orUnavailable(() => kysely.transaction().execute(run)).catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      throw new OAuthError(
        'conflict',
        'There is one with this ID already, or one for this client and this audience.',
        { cause: error },
      );
    });

  return {
    /** All of them, by ID. */
    all: (): Promise<CrossAppAccess[]> => orUnavailable(() => select(kysely)),

    /** Finds one, including a disabled one. */
    find: async (id: string): Promise<CrossAppAccess | undefined> =>
      validId.test(id)
        ? (await orUnavailable(() => select(kysely, sql<SqlBool>`x.id = ${id}`)))[0]
        : undefined,

    /** What a client, by its internal id, gets at an authorization server as it is now; undefined if it gets nothing. */
    inForce: async (client: string, audience: string): Promise<CrossAppAccess | undefined> => {
      if (audience.length > 500 || audience.includes('\0')) return undefined;
      const [row] = await orUnavailable(() =>
        database.query<CrossAppAccess>(inForce, [client, audience]),
      );
      return row;
    },

    /**
     * Lets a client get access. Throws `access_denied` without every scope, `conflict` if the ID or the pair of client and audience
     * is in use, and `invalid_request` with every problem of the settings.
     */
    create: async (
      actor: ManagementActor,
      id: string,
      given: NewCrossAppAccess,
    ): Promise<CrossAppAccess> => {
      requireEveryScope(actor, 'create cross-app access');
      if (!validId.test(id))
        throw parameterError(
          'invalid_request',
          'id',
          'must have 1 to 40 lower-case letters, digits and dashes, and start with a letter.',
        );
      const settings: CrossAppSettings = {
        ...crossAppDefaults,
        ...givenOf(given),
        client: storedClientId(given.client),
        audience: given.audience,
        client_id_there: given.client_id_there,
      };
      await requireCrossAppSettings(settings, issuer);
      return change(async (transaction) => {
        const { count } = await transaction
          .selectFrom('cross_app_access')
          .select(({ fn }) => fn.countAll<string>().as('count'))
          .executeTakeFirstOrThrow();
        if (Number(count) >= crossAppLimits.all)
          throw new OAuthError(
            'conflict',
            `There are ${crossAppLimits.all} already, which is the maximum.`,
          );
        const client = await requireClient(transaction, settings.client);
        await requireReferences(transaction, settings);
        const { client: _, audience, ...rest } = settings;
        await transaction
          .insertInto('cross_app_access')
          .values({ id, client_id: client, audience, ...stored(rest) })
          .execute();
        await recordEvent(transaction, {
          action: 'cross_app_access.created',
          target: { kind: 'cross_app_access', id },
          details: { ...settings },
        });
        return required(await locked(transaction, id));
      });
    },

    /**
     * Changes settings; absent ones stay. It applies to the next ID-JAG. `precondition` receives the current, locked one and can throw.
     * Undefined if it does not exist. Throws as `create`.
     */
    update: async (
      actor: ManagementActor,
      id: string,
      changes: CrossAppChanges,
      precondition: Precondition<CrossAppAccess> = () => {},
    ): Promise<CrossAppAccess | undefined> => {
      requireEveryScope(actor, 'change cross-app access');
      return change(async (transaction) => {
        const before = await locked(transaction, id);
        precondition(before);
        if (!before) return undefined;
        const after = { ...before, ...givenOf(changes) };
        await requireCrossAppSettings(after, issuer);
        await requireReferences(transaction, after);
        if (isSame({ ...before }, { ...after })) return before;
        await transaction
          .updateTable('cross_app_access')
          .set({ ...stored(after), updated_at: sql<Date>`clock_timestamp()` })
          .where('id', '=', id)
          .execute();
        await recordEvent(transaction, {
          action: 'cross_app_access.updated',
          target: { kind: 'cross_app_access', id },
          details: diffOf({ ...before }, { ...after }),
        });
        return required(await locked(transaction, id));
      });
    },

    /** Ends it: the client gets no further ID-JAG. False if it does not exist. */
    delete: async (
      actor: ManagementActor,
      id: string,
      precondition: Precondition<CrossAppAccess> = () => {},
    ): Promise<boolean> => {
      requireEveryScope(actor, 'delete cross-app access');
      return change(async (transaction) => {
        const before = await locked(transaction, id);
        precondition(before);
        if (!before) return false;
        await transaction.deleteFrom('cross_app_access').where('id', '=', id).execute();
        await recordEvent(transaction, {
          action: 'cross_app_access.deleted',
          target: { kind: 'cross_app_access', id },
          details: { client: before.client, audience: before.audience },
        });
        return true;
      });
    },
  };
}

export type CrossAppAccesses = ReturnType<typeof createCrossAppAccess>;

/** The settings that are given, without those that are absent. */
const givenOf = (given: CrossAppChanges): Partial<CrossAppSettings> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

function required<Value>(found: Value | undefined): Value {
  if (found === undefined) throw new Error('the row is gone');
  return found;
}

const stored = ({
  client_id_there,
  sso_client,
  resources,
  scopes,
  roles,
  email,
  lifetime,
  enabled,
}: Omit<CrossAppSettings, 'client' | 'audience'>) => ({
  client_id_there,
  sso_client_id: sso_client,
  resources,
  scopes,
  roles,
  email,
  lifetime,
  enabled,
});

/** The internal id of a client that can get ID-JAGs. Throws `invalid_request`. */
async function requireClient(transaction: Connection, clientId: string): Promise<string> {
  const refuse = (problem: string) => parameterError('invalid_request', 'client', problem);
  const found = await transaction
    .selectFrom('client')
    .select(['id', 'metadata', 'owner_id'])
    .where('client_id', '=', clientId)
    .where('deleted_at', 'is', null)
    .forKeyShare()
    .executeTakeFirst();
  if (!found) throw refuse(`there is no client ${clientId}. Create it first.`);
  if (clientId.startsWith(reservedClientIdPrefix)) throw refuse(`${clientId} is built in.`);
  if (found.owner_id !== null) throw refuse(`${clientId} is a person's key pair.`);
  const { grant_types: grants = [] } = found.metadata as { grant_types?: string[] };
  if (isPublic(found.metadata) || !grants.includes(grantTypes.tokenExchange))
    throw refuse(
      `${clientId} needs credentials and the grant token exchange: writ clients update ${clientId} --add grant=token_exchange.`,
    );
  return found.id;
}

/** Throws `invalid_request` if the settings name a role or a client that does not exist. */
async function requireReferences(
  transaction: Connection,
  { roles, sso_client: sso }: Pick<CrossAppSettings, 'roles' | 'sso_client'>,
): Promise<void> {
  await assertAllExist(transaction, 'role', { roles: roles ?? [] });
  if (sso === null) return;
  const found = await transaction
    .selectFrom('client')
    .select('id')
    .where('client_id', '=', sso)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (!found)
    throw parameterError('invalid_request', 'sso_client', `there is no client ${sso} here.`);
}
