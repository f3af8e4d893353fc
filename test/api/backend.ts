import { apiKeyScopes } from '../../config/scopes.ts';
import { issueApiKey } from '../../src/domain/tokens/named/api-keys.ts';
import { type ApiClient, apiClient } from '../support/http.ts';
import { makeParties, type Parties } from '../support/parties.ts';
import { keepSecret } from '../support/run-records.ts';
import { type Stack, unique } from '../support/stacks.ts';

/** A backend with an API key of its client. */
export interface Backend extends Parties {
  key: string;
  keyId: string;
  /** The scopes of the key. */
  api: ApiClient;
  /** Creates a token and returns the response. */
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts what is in it
  make: (given?: Record<string, unknown>) => Promise<any>;
}

export async function makeBackend(
  stack: Stack,
  given: { scopes?: readonly string[]; expiresAt?: Date; parties?: Parties } = {},
): Promise<Backend> {
  const { parties = await makeParties(stack), ...asked } = given;
  const { key, keyId } = await makeKey(stack, parties.client.id, asked);
  const api = apiClient(stack.origin, key);
  return {
    ...parties,
    key,
    keyId,
    api,
    make: async (asked) => {
      const { status, body, text } = await api.call('POST', '/tokens', newToken(asked));
      if (status !== 201) throw new Error(`no token was made: ${text}`);
      return body;
    },
  };
}

/** An API key of a client, with any scopes. */
export async function makeKey(
  { database }: Stack,
  clientId: string,
  { scopes = apiKeyScopes, expiresAt }: { scopes?: readonly string[]; expiresAt?: Date } = {},
): Promise<{ key: string; keyId: string }> {
  const { id, value } = await issueApiKey(database.kysely, {
    clientId,
    name: unique('key'),
    scopes,
    ...(expiresAt && { expiresAt }),
  });
  keepSecret('api_key', value);
  return { key: value, keyId: id };
}

/** The request of a backend. */
export const newToken = (given: Record<string, unknown> = {}) => ({
  name: unique('token'),
  subject: { type: 'user', id: unique('user') },
  ...given,
});
