import type { Connection } from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { recordEvent } from '../audit.ts';
import type { Client } from '../clients/lookup.ts';
import { mintToken, publicId, shelfFor } from './value.ts';

/**
 * Makes an API key: a token for Writ's own API, without end unless it is given one, owned by a
 * client. Its value is given this once. `now` is in seconds since 1970.
 */
export function issueApiKey(
  connection: Connection,
  {
    owner,
    name,
    scopes,
    audience,
    now,
  }: { owner: Client; name: string; scopes: readonly string[]; audience: string; now: number },
): Promise<{ id: string; value: string }> {
  const { value, id } = mintToken('api_key', shelfFor('api_key', now, undefined));
  return inTransaction(connection, async (transaction) => {
    await transaction
      .insertInto('token')
      .values({
        ...id,
        kind: 'api_key',
        client_id: owner.id,
        client_epoch: owner.epoch,
        app_epoch: owner.appEpoch,
        account_epoch: 0,
        grant_epoch: 0,
        scope: scopes.join(' '),
        audience: [audience],
        name,
        issued_at: new Date(now * 1000),
      })
      .execute();
    await recordEvent(transaction, {
      action: 'api_key.created',
      target: { kind: 'token', id: publicId(id) },
      details: { name, owner: owner.clientId, scopes },
    });
    return { id: publicId(id), value };
  });
}
