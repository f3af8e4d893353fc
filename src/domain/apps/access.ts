import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Connection, DisabledBy, Manages } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { covers } from '../../oauth/permissions.ts';
import { inActorTransaction } from '../database/actor-transaction.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { managesAtLeast } from '../roles/manages.ts';
import { looksLikeName } from './names.ts';
import type { AppActor, AppRole } from './types.ts';

/** What an actor can do in an app. */
export interface Rights {
  operator: boolean;
  /** Role of a member or client; null for an operator. */
  role: string | null;
  permissions: string[];
  manages: Manages;
}

/** An app with the actor's rights in it. */
export interface Access {
  app: {
    id: string;
    name: string;
    displayName: string;
    epoch: number;
    disabledAt: Date | null;
    disabledBy: DisabledBy | null;
    createdAt: Date;
  };
  rights: Rights;
}

/** Whether an actor with the role `own` can assign the role `wanted`, which must not permit more. */
export const canAssign = (
  own: Pick<AppRole, 'permissions' | 'manages'>,
  wanted: Pick<AppRole, 'permissions' | 'manages'>,
): boolean =>
  managesAtLeast(own.manages, wanted.manages) && covers(own.permissions, wanted.permissions);

/** Whether an actor sees other people's email addresses: only if it manages members. */
export const seesAddresses = ({ manages }: Pick<Rights, 'manages'>): boolean =>
  managesAtLeast(manages, 'app');

/** Throws `access_denied` if the actor cannot manage `wanted`. */
export function requireManages({ role, manages }: Rights, wanted: 'clients' | 'app'): void {
  if (managesAtLeast(manages, wanted)) return;
  throw new OAuthError(
    'access_denied',
    wanted === 'app'
      ? `Your role ${role} cannot change the app. Ask an Owner of the app.`
      : `Your role ${role} cannot change clients. Ask an Owner of the app.`,
  );
}

/** Throws `access_denied`, for the parameter that names the role, if the role permits more than the actor's own. */
export function requireCovers(
  rights: Rights,
  wanted: Pick<AppRole, 'name' | 'permissions' | 'manages'>,
  parameter?: string,
): void {
  if (rights.operator || canAssign(rights, wanted)) return;
  throw new OAuthError(
    'access_denied',
    `The role ${wanted.name} permits more than your role ${rights.role}. You can only assign roles that permit no more than your own.`,
    { parameter },
  );
}

/** The error for non-members, whether or not the app exists. */
const noApp = (name: string) => new OAuthError('not_found', `There is no app ${name}.`);

/** The columns of `Access['app']`. */
export const appColumns = [
  'id',
  'name',
  'display_name as displayName',
  'epoch',
  'disabled_at as disabledAt',
  'disabled_by as disabledBy',
  'created_at as createdAt',
] as const;

/** The rights of an actor in an app; undefined for non-members. */
export async function rightsIn(
  connection: Connection,
  actor: AppActor,
  appId: string,
): Promise<Rights | undefined> {
  if (actor.kind === 'operator')
    return { operator: true, role: null, permissions: ['*'], manages: 'app' };
  if (!isUuid(actor.kind === 'client' ? actor.client : actor.accountId)) return undefined;
  const query =
    actor.kind === 'client'
      ? sql<Omit<Rights, 'operator'>>`
          select r.name as role, r.permissions, r.manages from client c
          join app_role r on r.name = c.roles[1] and (r.app_id = c.app_id or r.app_id is null)
          where c.app_id = ${appId} and c.id = ${actor.client}
            and c.disabled_at is null and c.deleted_at is null`
      : sql<Omit<Rights, 'operator'>>`
          select m.role, r.permissions, r.manages from app_member m
          join account a on a.id = m.account_id
          join app_role r on r.name = m.role and (r.app_id = m.app_id or r.app_id is null)
          where m.app_id = ${appId} and m.account_id = ${actor.accountId} and a.disabled_at is null`;
  const { rows } = await query.execute(connection);
  return rows[0] && { operator: false, ...rows[0] };
}

/** Checks who can access an app, and serializes changes of it. */
export function createAccess({ database }: { database: Database }) {
  const { kysely } = database;

  const authorize = async (
    connection: Connection,
    actor: AppActor,
    name: string,
    lock: boolean,
  ): Promise<Access> => {
    const app = looksLikeName(name)
      ? await connection
          .selectFrom('app')
          .select(appColumns)
          .where('name', '=', name)
          .where('deleted_at', 'is', null)
          .$if(lock, (query) => query.forNoKeyUpdate())
          .executeTakeFirst()
      : undefined;
    // Read after locking, because the previous holder of the lock may have changed the members.
    const rights = app && (await rightsIn(connection, actor, app.id));
    if (!rights) throw noApp(name);
    return { app, rights };
  };

  return {
    /** Runs an operation that reads an app. Throws `not_found` for non-members. */
    read: <Result>(
      actor: AppActor,
      name: string,
      run: (access: Access, connection: Connection) => Promise<Result>,
    ): Promise<Result> =>
      orUnavailable(async () => run(await authorize(kysely, actor, name, false), kysely)),

    /**
     * Runs an operation that changes an app, in a transaction that locks it. Throws `not_found` for non-members.
     */
    change: <Result>(
      actor: AppActor,
      name: string,
      run: (access: Access, transaction: Connection) => Promise<Result>,
    ): Promise<Result> =>
      inActorTransaction(kysely, actor, async (transaction) =>
        run(await authorize(transaction, actor, name, true), transaction),
      ),
  };
}

export type AppAccess = ReturnType<typeof createAccess>;

/** Locks an app without checking the actor, for invitations. Undefined if it has been deleted. */
export const lockById = (transaction: Connection, id: string): Promise<Access['app'] | undefined> =>
  transaction
    .selectFrom('app')
    .select(appColumns)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
