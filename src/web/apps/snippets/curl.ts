import { grantTypes } from '../../../oauth/grant-types.ts';
import { urlOf } from '../../../oauth/issuer.ts';
import { endpoints } from '../../../oauth/paths.ts';
import { apiKeyPlaceholder, type Connecting, secretPlaceholder } from './connecting.ts';

/** Requests a token for a server (RFC 6749 §4.4) and prints the response. */
export const tokenByCurl = ({
  issuer,
  clientId,
  secret = secretPlaceholder,
  scope,
  resource,
}: Connecting): string =>
  curl(urlOf(issuer, endpoints.token), {
    grant_type: grantTypes.clientCredentials,
    client_id: clientId,
    client_secret: secret,
    scope,
    resource,
  });

/** The same request; keeps the token in `$TOKEN` for the commands that follow. */
export const tokenInShell = (connecting: Connecting): string =>
  keep('access_token', tokenByCurl(connecting));

/** Keeps one text of a response in `$TOKEN`, and prints it. */
const keep = (name: string, lines: string): string =>
  `TOKEN=$(${lines} \\\n  | ${pick(name)})\necho "$TOKEN"`;

/** Two calls of the example API: one that reads, one that writes. */
export function apiByCurl(url: string, token = '$TOKEN'): { read: string; write: string } {
  const call = `curl -si ${word(url)} -H "Authorization: Bearer ${token}"`;
  return {
    read: call,
    write: `${call} \\\n  -H 'Content-Type: application/json' -d '{"name":"lamp"}'`,
  };
}

/** Keeps an API key in `$API_KEY` for the commands that follow, and for programs started from the same shell. */
export const keyInShell = (apiKey = apiKeyPlaceholder): string => `export API_KEY=${apiKey}`;

/** A token that a backend creates for one of its users (`POST /api/v1/tokens`). */
export interface TokenForUser {
  /** Absent for none. */
  scope?: string | undefined;
  roles: string[];
  /** RFC 3339 */
  expires_at: string;
  /** Absent for the default resource. */
  resource?: string | undefined;
}

/** The user in the examples, in the backend's own words. */
export const exampleUser = { type: 'user', id: '42' } as const;

/** Lists the tokens of that user that work now. */
export const exampleUserQuery = `subject_type=${exampleUser.type}&subject_id=${exampleUser.id}&state=active`;

/** What a backend does with `$API_KEY`: it creates a token for a user, lists the user's tokens, and revokes them. */
export function tokensByCurl(
  issuer: string,
  token: TokenForUser,
): { create: string; list: string; revoke: string } {
  const tokens = urlOf(issuer, '/api/v1/tokens');
  const call = (url: string, body?: object) =>
    [
      `curl -s ${word(url)}`,
      '-H "Authorization: Bearer $API_KEY"',
      ...(body ? [`-H 'Content-Type: application/json'`, `-d ${word(JSON.stringify(body))}`] : []),
    ].join(' \\\n  ');
  return {
    create: keep('token', call(tokens, { subject: exampleUser, name: 'Laptop', ...token })),
    list: call(`${tokens}?${exampleUserQuery}`),
    revoke: call(`${tokens}/revoke`, { subject: exampleUser }),
  };
}

/** The login of a device (RFC 8628): the request that starts it, and the one that the device repeats. */
export function deviceByCurl({ issuer, clientId, scope, resource }: Connecting): {
  start: string;
  poll: string;
} {
  const start = curl(urlOf(issuer, endpoints.device_authorization), {
    client_id: clientId,
    scope,
    resource,
  });
  const poll = curl(urlOf(issuer, endpoints.token), {
    grant_type: grantTypes.deviceCode,
    client_id: clientId,
  });
  return {
    start: `DEVICE=$(${start})\necho "$DEVICE"`,
    poll: `${poll} \\\n  -d "device_code=$(echo "$DEVICE" | ${pick('device_code')})"`,
  };
}

/** A request with a form (RFC 6749 Appendix B). */
export const curl = (url: string, form: Record<string, string | undefined>): string =>
  [`curl -s ${word(url)}`, ...Object.entries(form).flatMap(parameter)].join(' \\\n  ');

const parameter = ([name, value]: [string, string | undefined]): string[] =>
  value === undefined ? [] : [`-d ${name}=${encode(value)}`];

/** Form-encoded (RFC 6749 Appendix B), except for `:` and `/`, which are safe in forms and shells and easier to read. */
const encode = (value: string): string =>
  new URLSearchParams([['', value]])
    .toString()
    .slice(1)
    .replaceAll('*', '%2A')
    .replaceAll('%3A', ':')
    .replaceAll('%2F', '/');

/** Takes one text out of a JSON response. */
const pick = (name: string): string => `sed -E 's/.*"${name}":"([^"]+)".*/\\1/'`;

/** One word of a shell. */
const word = (text: string): string =>
  /^[\w.:/@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
