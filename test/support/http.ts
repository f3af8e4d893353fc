import { keepSecretsOfAnswer, keepSecretsOfRequest } from './exchanged-secrets.ts';

/** A response: status, headers, and the body as JSON or text. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts what is in it
  body: any;
  text: string;
}

export interface Credentials {
  id: string;
  secret: string;
}

/** Sends a request, and records the secrets in it and in its response for the test of the logs. */
async function send(url: string, init: RequestInit): Promise<Answer> {
  keepSecretsOfRequest(init);
  const response = await fetch(url, init);
  const text = await response.text();
  keepSecretsOfAnswer(response.headers, text);
  const json = response.headers.get('content-type')?.match(/[/+]json\b/);
  return {
    status: response.status,
    headers: response.headers,
    body: json && text ? JSON.parse(text) : text,
    text,
  };
}

/** HTTP Basic (RFC 6749 §2.3.1): both parts are form-encoded first. */
export const basic = ({ id, secret }: Credentials): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;

/** Plain HTTP requests to a server, like curl's. */
export function createHttp(origin: string) {
  const request = async (method: string, path: string, init: RequestInit = {}) =>
    send(origin + path, { ...init, method, redirect: 'manual' });

  /** Posts a form with the credentials of a client. */
  const post = (
    path: string,
    form: Record<string, string> | [string, string][],
    client?: Credentials,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    request('POST', path, {
      body: new URLSearchParams(form),
      headers: { ...(client && { authorization: basic(client) }), ...headers },
    });

  return {
    origin,
    request,
    post,
    get: (path: string, headers: Record<string, string> = {}) => request('GET', path, { headers }),
    /** Gets a token with client_credentials. */
    token: (client: Credentials, form: Record<string, string> = {}) =>
      post('/connect/token', { grant_type: 'client_credentials', ...form }, client),
    introspect: (token: string, client: Credentials, form: Record<string, string> = {}) =>
      post('/connect/introspect', { token, ...form }, client),
    revoke: (token: string, client: Credentials, form: Record<string, string> = {}) =>
      post('/connect/revocation', { token, ...form }, client),
  };
}

export type Http = ReturnType<typeof createHttp>;

/** Calls the API under `/api/v1` with a bearer token. */
export function apiClient(origin: string, token: string) {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    send(`${origin}/api/v1${path}`, {
      method,
      headers: {
        ...headers,
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  return {
    call,
    /** Creates a client and returns its credentials; a public one has an empty secret. */
    async createClient(given: Record<string, unknown> = {}): Promise<Credentials> {
      const { status, body, text } = await call('POST', '/clients', given);
      if (status !== 201) throw new Error(`no client was made: ${text}`);
      return { id: body.client_id, secret: body.client_secret ?? '' };
    },
    async createResource(given: Record<string, unknown>): Promise<void> {
      const { status, text } = await call('POST', '/resources', given);
      if (status !== 201) throw new Error(`no resource was made: ${text}`);
    },
    async setRole(name: string, permissions: string[]): Promise<void> {
      const { status, text } = await call('PUT', `/roles/${name}`, { permissions });
      if (status !== 200) throw new Error(`no role was made: ${text}`);
    },
  };
}

export type ApiClient = ReturnType<typeof apiClient>;
