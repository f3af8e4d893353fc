import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import type { ClientSecrets } from '../clients/secrets.ts';
import { isUuid } from '../database/text-checks.ts';
import type { ApiKeys } from '../tokens/named/types.ts';
import { partitionTable } from '../tokens/partitions.ts';
import { publicId } from '../tokens/value.ts';
import { type Access, requireCovers, requireManages } from './access.ts';
import { clientsOf } from './client-access.ts';
import { describeClient } from './client-settings.ts';
import { requireRole } from './roles.ts';
import type { AppClient, CreatedCredential } from './types.ts';

type FoundCredential = Omit<CreatedCredential, 'client'> & { client: AppClient };

/**
 * Secrets and API keys of an app's clients that a person created, and may therefore know. They belong to the
 * clients, so they stay valid after the person leaves unless they are revoked.
 */
export function createMemberCredentials({
  secrets,
  apiKeys,
}: {
  secrets: Pick<ClientSecrets, 'revoke'>;
  apiKeys: Pick<ApiKeys, 'delete'>;
}) {
  const find = async (
    connection: Connection,
    app: Access['app'],
    accountId: string,
  ): Promise<FoundCredential[]> => {
    if (!isUuid(accountId)) return [];
    const clients = new Map(
      (await clientsOf(connection, app.id).execute()).map((row) => [row.id, describeClient(row)]),
    );
    const { rows } = await sql<
      Omit<FoundCredential, 'client' | 'id'> & {
        client_id: string;
        id: string | null;
        key: Buffer | null;
      }
    >`
      select 'client_secret' as kind, s.client_id, s.id::text as id, null::bytea as key, null as name, s.hint,
        s.created_at as "createdAt", s.expires_at as "expiresAt", s.last_used_at as "lastUsedAt"
      from client_secret s
      where s.client_id = any (${[...clients.keys()]}::uuid[]) and s.created_by = ${accountId}::uuid
        and (s.expires_at is null or s.expires_at > now())
      union all
      select 'api_key', t.client_id, null, t.key, t.name, t.hint, t.issued_at, t.expires_at, t.last_used_at
      from ${sql.table(partitionTable(0))} t
      where t.client_id = any (${[...clients.keys()]}::uuid[]) and t.kind = 'api_key' and t.created_by = ${accountId}::uuid
        and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
      order by "createdAt" desc, id`.execute(connection);
    return rows.flatMap(({ client_id, id, key, ...rest }) => {
      const client = clients.get(client_id);
      const shownId = key ? publicId({ partition: 0, key }) : id;
      return client && shownId ? [{ ...rest, id: shownId, client }] : [];
    });
  };

  return {
    /** Lists the valid ones, newest first. */
    list: async (
      connection: Connection,
      app: Access['app'],
      accountId: string,
    ): Promise<CreatedCredential[]> =>
      (await find(connection, app, accountId)).map(({ client, ...credential }) => ({
        ...credential,
        client: client.name,
      })),

    /**
     * Revokes them in a transaction that holds the app's lock. Revoking a secret also revokes the access and
     * refresh tokens of its client, because others may know the secret. An actor that manages the app can revoke
     * those of every client, since that grants nothing. Others need a role that covers each client's role;
     * otherwise it throws `access_denied` and revokes none.
     */
    async revoke(
      transaction: Connection,
      { app, rights }: Access,
      accountId: string,
    ): Promise<void> {
      requireManages(rights, 'clients');
      const found = await find(transaction, app, accountId);
      const clients = [...new Map(found.map(({ client }) => [client.id, client])).values()];
      if (rights.manages !== 'app')
        for (const { role } of clients)
          requireCovers(rights, await requireRole(transaction, app.id, role));
      // Process clients in id order, so that concurrent calls do not deadlock.
      for (const client of clients.sort((a, b) => a.id.localeCompare(b.id))) {
        const own = found.filter((credential) => credential.client.id === client.id);
        for (const { id } of own.filter(({ kind }) => kind === 'api_key'))
          await apiKeys.delete(transaction, client.clientId, id);
        const ofClient = own.filter(({ kind }) => kind === 'client_secret');
        for (const [index, { id }] of ofClient.entries())
          await secrets.revoke(transaction, client.id, id, {
            endTokens: index === ofClient.length - 1,
          });
      }
    },
  };
}

export type MemberCredentials = ReturnType<typeof createMemberCredentials>;
