import { operatorClientId } from '../../config/clients.ts';
import { apiScopes } from '../../config/scopes.ts';
import { issueApiKey } from '../../src/domain/tokens/api-keys.ts';
import type { Stack } from '../support/stacks.ts';

/** An API key that may do everything, as the one in operator.json may. */
export async function operatorKey({ domain, apiResource }: Stack): Promise<string> {
  const owner = await domain.clients(operatorClientId);
  if (!owner) throw new Error('there is no operator');
  const { value } = await issueApiKey(domain.issue, {
    owner,
    name: 'a test',
    scopes: Object.keys(apiScopes),
    audience: apiResource,
    now: Math.floor(Date.now() / 1000),
  });
  return value;
}
