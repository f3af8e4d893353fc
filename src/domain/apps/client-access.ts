import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Access, type AppAccess, requireCovers, requireManages } from './access.ts';
import { describeClient } from './client-settings.ts';
import { looksLikeName } from './names.ts';
import { requireRole } from './roles.ts';
import { type AppActor, type AppClient, isConfidentialKind } from './types.ts';

const columns = [
  'id',
  'client_id',
  'metadata',
  'roles',
  'disabled_at',
  'disabled_by',
  'created_at',
] as const;

/** Query for the clients of an app that are not deleted. */
export const clientsOf = (connection: Connection, appId: string) =>
  connection
    .selectFrom('client')
    .select(columns)
    .where('app_id', '=', appId)
    .where('deleted_at', 'is', null);

/** Finds a client by its name within the app. Throws `not_found`. */
export async function findClient(
  connection: Connection,
  { id, name: app }: Access['app'],
  name: string,
  { lock = false } = {},
): Promise<AppClient> {
  const client = looksLikeName(name)
    ? await clientsOf(connection, id)
        .where('client_id', '=', `${app}:${name}`)
        .$if(lock, (query) => query.forNoKeyUpdate())
        .executeTakeFirst()
    : undefined;
  if (!client) throw new OAuthError('not_found', `There is no client ${name} in the app ${app}.`);
  return describeClient(client);
}

/**
 * Creates a function that runs a change of a client or its credentials. The actor must manage clients, and its role
 * must cover the client's.
 */
export const createChangeClient =
  ({ access }: { access: AppAccess }) =>
  <Result>(
    actor: AppActor,
    app: string,
    name: string,
    run: (client: AppClient, transaction: Connection, entered: Access) => Promise<Result>,
  ): Promise<Result> =>
    access.change(actor, app, async (entered, transaction) => {
      requireManages(entered.rights, 'clients');
      // Lock the client as well: operators change it through the registry, which does not lock the app.
      const client = await findClient(transaction, entered.app, name, { lock: true });
      requireCovers(entered.rights, await requireRole(transaction, entered.app.id, client.role));
      return run(client, transaction, entered);
    });

export type ChangeClient = ReturnType<typeof createChangeClient>;

/** Throws `invalid_request` for a public client: it has neither secrets nor API keys (RFC 6749 §2.1). */
export function requireConfidentialKind({ name, kind }: AppClient): void {
  if (!isConfidentialKind(kind))
    throw new OAuthError(
      'invalid_request',
      `The client ${name} is public, so it cannot have secrets or API keys.`,
    );
}

/** Throws `invalid_request` for a client without the client credentials grant: it acts only for people. */
export function requireServer({ name, kind }: AppClient): void {
  if (kind !== 'server')
    throw new OAuthError(
      'invalid_request',
      `The client ${name} is not a server. It only gets tokens for people who sign in.`,
    );
}
