import type { Answer, Credentials } from './http.ts';
import { type Login, logIn } from './login.ts';
import { makeParties, type Parties, type TokenFormat } from './parties.ts';
import type { Stack } from './stacks.ts';

/** A person who is logged in at a client of an API. */
export interface LoggedIn extends Parties, Login {
  /** The client at which the person is logged in; a public one has an empty secret. */
  app: Credentials;
  /** A refresh by the app. */
  refresh: (token: string, form?: Record<string, string>) => Promise<Answer>;
  /** A revocation by the app. */
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
  /** Authenticates the app in the header, or a public one by its name alone. */
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
