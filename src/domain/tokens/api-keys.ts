import type { Client } from '../clients/lookup.ts';
import type { TokenIssue } from './issue.ts';
import { mintToken, publicId, shelfFor } from './value.ts';

/**
 * Makes an API key: a token for Writ's own API, without end unless it is given one, owned by a
 * client. Its value is given this once.
 */
export async function issueApiKey(
  tokens: TokenIssue,
  {
    owner,
    name,
    scopes,
    audience,
    now,
  }: { owner: Client; name: string; scopes: readonly string[]; audience: string; now: number },
): Promise<{ id: string; value: string }> {
  const { value, id } = mintToken('api_key', shelfFor('api_key', now, undefined));
  await tokens.insert({
    id,
    kind: 'api_key',
    client: owner.id,
    epochs: { client: owner.epoch, app: owner.appEpoch, account: 0, grant: 0 },
    scope: scopes.join(' '),
    audience: [audience],
    name,
    issuedAt: now,
  });
  return { id: publicId(id), value };
}
