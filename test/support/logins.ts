import type { Answer, Credentials } from './http.ts';
import { type Login, logIn } from './login.ts';
import { makeParties, type Parties, type TokenFormat } from './parties.ts';
import type { Stack } from './stacks.ts';

/** A person's login at a client of an API. */
export interface LoggedIn extends Parties, Login {
  /** The client; a public one has an empty secret. */
  app: Credentials;
  /** Refreshes as the client. */
  refresh: (token: string, form?: Record<string, string>) => Promise<Answer>;
  /** Revokes as the client. */
  revoke: (token: string, form?: Record<string, string>) => Promise<Answer>;
}

export async function makeLoggedIn(
  stack: Stack,
  {
    format = 'opaque',
    scope = 'openid offline_access things:read things:write',
    ...metadata
  }: {
    format?: TokenFormat;
    scope?: string;
    token_endpoint_auth_method?: 'none';
    rotate_refresh_tokens?: boolean;
    access_token_ttl?: number;
  } = {},
): Promise<LoggedIn> {
  const parties = await makeParties(stack, { format });
  const { resource } = parties;
  const app = await stack.api.createClient({
    grant_types: ['refresh_token', 'authorization_code'],
    redirect_uris: ['https://app.test/cb'],
    response_types: ['code'],
    resources: [resource],
    ...metadata,
  });
  const login = await logIn(stack, app.id, { resource, scope });
  /** Authenticates a confidential client in the header, a public one with its id in the form. */
  const post = (path: string, form: Record<string, string>) =>
    app.secret ? stack.post(path, form, app) : stack.post(path, { client_id: app.id, ...form });
  return {
    ...parties,
    ...login,
    app,
    refresh: (token, form) =>
      post('/connect/token', { grant_type: 'refresh_token', refresh_token: token, ...form }),
    revoke: (token, form) => post('/connect/revocation', { token, ...form }),
  };
}
