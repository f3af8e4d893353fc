// Finds secrets in the requests that tests send and in the responses that they get.
import { keepSecret, keepsRecords } from './run-records.ts';

/** Fields of forms, queries and JSON bodies with secret values. */
const secretNames = new Set([
  'accessCode',
  'accessToken',
  'access_code',
  'access_token',
  'api_key',
  'appSecret',
  'assertion',
  'challenge',
  'client_assertion',
  'clientSecret',
  'client_secret',
  'code',
  'code_verifier',
  'device_code',
  'id_token',
  'id_token_hint',
  'newPassword',
  'oldPassword',
  'password',
  'refreshToken',
  'refresh_token',
  'registration_access_token',
  'secret',
  'token',
]);

/** A value that identifies itself: one of Writ's own, or a JWT. */
const isToken = (value: string): boolean =>
  /^writ_[a-z]+_[A-Za-z0-9]{16,}$/.test(value) || /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(value);

function keepFrom(entries: Iterable<[string, unknown]>): void {
  for (const [name, value] of entries) {
    if (typeof value === 'object' && value !== null) keepFrom(Object.entries(value));
    else if (typeof value === 'string' && (secretNames.has(name) || isToken(value)))
      keepSecret(name, value);
    // Both the link and its target are exchanged; the last part of the path is the secret.
    else if (name === 'invitation_uri') keepSecret(name, String(value).split('/').at(-1));
  }
}

function keepFromText(text: string, type: string): void {
  if (type.includes('json'))
    try {
      keepFrom(Object.entries({ body: JSON.parse(text) }));
    } catch {
      // Bad input of a test: there is no such field.
    }
  else keepFrom(new URLSearchParams(text));
}

/** Credentials of an Authorization header; for Basic only the secret, also in decoded form. */
function keepFromAuthorization(header: string): void {
  const [, scheme = '', value = ''] = /^(\S+) +(.*)$/.exec(header) ?? [];
  if (scheme.toLowerCase() !== 'basic') {
    keepSecret(`${scheme} token`, value);
    return;
  }
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  const secret = decoded.slice(decoded.indexOf(':') + 1);
  keepSecret('client_secret', secret);
  try {
    keepSecret('client_secret', decodeURIComponent(secret.replaceAll('+', ' ')));
  } catch {
    // Bad input of a test.
  }
}

/**
 * Secrets in cookies. Ids of authorization requests are not secret and also appear in paths; their signatures are.
 */
function keepFromCookie(pair: string): void {
  const [name = '', value = ''] = pair.trim().split('=', 2);
  const isRequest = name.includes('writ_authorization_request_');
  keepSecret('cookie', isRequest ? (value.split('~')[1] ?? '') : value);
}

/** Records the secrets of a request. */
export function keepSecretsOfRequest({ headers, body }: RequestInit): void {
  if (!keepsRecords) return;
  const given = new Headers(headers);
  keepFromAuthorization(given.get('authorization') ?? '');
  for (const pair of (given.get('cookie') ?? '').split(';')) keepFromCookie(pair);
  const dpop = given.get('dpop');
  if (dpop) keepSecret('DPoP proof', dpop);
  if (body instanceof URLSearchParams) keepFrom(body);
  else if (typeof body === 'string') keepFromText(body, given.get('content-type') ?? '');
}

/** Records the secrets of a response: of its body, cookies and redirect target. */
export function keepSecretsOfAnswer(headers: Headers, text: string): void {
  if (!keepsRecords) return;
  const type = headers.get('content-type') ?? '';
  if (type.includes('json')) keepFromText(text, type);
  for (const cookie of headers.getSetCookie()) keepFromCookie(cookie.split(';', 1)[0] ?? '');
  const location = headers.get('location') ?? headers.get('refresh')?.replace(/^0;url=/, '');
  if (!location || !URL.canParse(location, 'http://localhost')) return;
  const { searchParams, hash } = new URL(location, 'http://localhost');
  keepFrom(searchParams);
  keepFrom(new URLSearchParams(hash.slice(1)));
}
