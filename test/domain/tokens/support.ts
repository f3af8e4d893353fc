import { randomUUID } from 'node:crypto';
import type { Database } from '../../../db/database.ts';
import type { NewToken } from '../../../src/domain/tokens/issue.ts';
import { mintToken, partitionFor } from '../../../src/domain/tokens/value.ts';

export const now = () => Math.floor(Date.now() / 1000);

/** An access token that is not stored yet. Without a client it belongs to a random one that does not exist. */
export function newToken({
  lifetime = 3600,
  client = randomUUID(),
}: {
  lifetime?: number;
  client?: string;
} = {}): NewToken & { value: string } {
  const issuedAt = now();
  const expiresAt = issuedAt + lifetime;
  const { value, id } = mintToken(
    'access_token',
    partitionFor('access_token', issuedAt, expiresAt),
  );
  return {
    value,
    id,
    kind: 'access_token',
    client,
    epochs: { client: 0, app: 0, account: 0, grant: 0 },
    issuedAt,
    expiresAt,
  };
}

/** Creates a client and returns its internal id. */
export async function newClient({ kysely }: Database): Promise<string> {
  const { id } = await kysely
    .insertInto('client')
    .values({
      client_id: randomUUID(),
      app_id: null,
      metadata: '{}',
      disabled_at: null,
      deleted_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
