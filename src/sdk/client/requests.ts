/** REQUESTS OF A CLIENT to the authorization server: its metadata, and forms for its endpoints. */
import { urlOf } from '../../oauth/issuer.ts';
import { type ClientOptions, TokenError, type Tokens } from './types.ts';

/** The endpoints of an authorization server (RFC 8414 §2). */
export interface Endpoints {
  token: string;
  deviceAuthorization: string | undefined;
  revocation: string | undefined;
}

/** The default time to wait for a response, in milliseconds. */
const patience = 30_000;

/** Tokens are renewed this many milliseconds before they expire, or after nine tenths of a short life. */
const margin = 60_000;

/**
 * Reads the metadata of the authorization server (OpenID Connect Discovery §4). Throws TokenError if the server at the
 * issuer's URL is another one.
 */
export async function discover({
  issuer,
  ...options
}: Pick<ClientOptions, 'issuer' | 'fetch' | 'timeout'>): Promise<Endpoints> {
  const { status, json } = await send(urlOf(issuer, '/.well-known/openid-configuration'), options);
  if (status !== 200 || json['issuer'] !== issuer)
    throw new TokenError(
      status === 200 && typeof json['issuer'] === 'string'
        ? `The server at ${issuer} names another issuer: ${json['issuer']}.`
        : `${issuer} is not an authorization server: its metadata has the status ${status}.`,
      { status },
    );
  const text = (name: string): string | undefined =>
    typeof json[name] === 'string' ? json[name] : undefined;
  const token = text('token_endpoint');
  if (!token) throw new TokenError(`${issuer} has no token endpoint.`, { status });
  return {
    token,
    deviceAuthorization: text('device_authorization_endpoint'),
    revocation: text('revocation_endpoint'),
  };
}

/**
 * Posts a form with the credentials of the client (RFC 6749 §2.3.1): HTTP Basic, or only the `client_id` of a public
 * client. Throws TokenError unless the response is 200.
 */
export async function postForm(
  url: string,
  { clientId, clientSecret, ...options }: ClientOptions,
  fields: Record<string, string | undefined>,
): Promise<Record<string, unknown>> {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) form.set(name, value);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (clientSecret === undefined) form.set('client_id', clientId);
  else headers['authorization'] = `Basic ${btoa(`${encoded(clientId)}:${encoded(clientSecret)}`)}`;
  const { status, json, retryAfter } = await send(url, options, {
    method: 'POST',
    headers,
    body: form,
  });
  if (status === 200) return json;
  const { error, error_description: description } = json;
  throw new TokenError(
    typeof description === 'string'
      ? description
      : typeof error === 'string'
        ? error
        : `${new URL(url).origin} responded with ${status}.`,
    { status, code: typeof error === 'string' ? error : undefined, retryAfter },
  );
}

/** The tokens of a token response (RFC 6749 §5.1). A response without a refresh token keeps the one before it. */
export function tokensOf(
  response: Record<string, unknown>,
  previous?: Pick<Tokens, 'refreshToken' | 'scope'>,
): Tokens {
  const {
    access_token: accessToken,
    expires_in: expiresIn,
    refresh_token: refreshToken,
    scope,
  } = response;
  // Visible characters only (RFC 6749 appendix A.12).
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]+$/.test(accessToken))
    throw new TokenError('The response of the token endpoint has no valid access_token.', {
      status: 200,
    });
  const lifetime = typeof expiresIn === 'number' && expiresIn > 0 ? expiresIn * 1000 : undefined;
  const now = Date.now();
  return {
    accessToken,
    ...(lifetime !== undefined && {
      expiresAt: now + lifetime,
      renewAt: now + lifetime - Math.min(margin, lifetime / 10),
    }),
    refreshToken: typeof refreshToken === 'string' ? refreshToken : previous?.refreshToken,
    scope: typeof scope === 'string' ? scope : previous?.scope,
  };
}

/** RFC 6749 appendix B: credentials are form-encoded before they become a Basic header. */
const encoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

interface Received {
  status: number;
  json: Record<string, unknown>;
  retryAfter: number | undefined;
}

/** Redirects are not followed: credentials must not reach another server. */
async function send(
  url: string,
  { fetch: given, timeout = patience }: Pick<ClientOptions, 'fetch' | 'timeout'>,
  init: RequestInit = {},
): Promise<Received> {
  const response = await (given ?? fetch)(url, {
    ...init,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
  });
  const json = parsed(await response.text());
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    status: response.status,
    json: typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {},
    retryAfter: Number.isFinite(seconds) ? seconds : undefined,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
