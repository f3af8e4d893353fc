/**
 * What developers copy to connect a client, with its values filled in. Each piece runs as it stands, in
 * sh, bash and zsh, or in Node with openid-client 6.
 */

import type { ClientKind } from '../../domain/apps/types.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { endpoints } from '../../oauth/paths.ts';

/** What stands where a secret belongs that is not shown any more. */
const secretPlaceholder = 'YOUR_CLIENT_SECRET';

const apiKeyPlaceholder = 'YOUR_API_KEY';

/** The values of a client that is being connected. */
export interface Connecting {
  issuer: string;
  clientId: string;
  kind: ClientKind;
  /** Known only on the page that shows it. */
  secret?: string | undefined;
  /** Scopes, parted by spaces. */
  scope: string;
  /** Left out where the resource is the default one. */
  resource?: string | undefined;
  /** Where a sign-in leads back to. */
  redirectUri?: string | undefined;
}

/** Lines of a `.env` file, which `node --env-file=.env` reads. */
export const envLines = ({ issuer, clientId, secret = secretPlaceholder }: Connecting): string =>
  [`OAUTH_ISSUER=${issuer}`, `OAUTH_CLIENT_ID=${clientId}`, `OAUTH_CLIENT_SECRET=${secret}`].join(
    '\n',
  );

/** A server's token (RFC 6749 §4.4), and the answer as it is. */
export const tokenByCurl = (connecting: Connecting): string =>
  curl(urlOf(connecting.issuer, endpoints.token), tokenRequest(connecting));

/** The same, kept for the lines that follow. */
export const tokenInShell = (connecting: Connecting): string =>
  keep('access_token', tokenByCurl(connecting));

/** Keeps one text of an answer as `$TOKEN`, and shows it. */
const keep = (name: string, lines: string): string =>
  `TOKEN=$(${lines} \\\n  | ${pick(name)})\necho "$TOKEN"`;

/** Calls of an API that shows what a token may do: one that reads, one that writes. */
export function apiByCurl(url: string, token = '$TOKEN'): { read: string; write: string } {
  const call = `curl -si ${word(url)} -H "Authorization: Bearer ${token}"`;
  return {
    read: call,
    write: `${call} \\\n  -H 'Content-Type: application/json' -d '{"name":"lamp"}'`,
  };
}

/**
 * What a backend does by its API key: it makes a token for a user of its own, and keeps it for the lines
 * that follow; it sees what tokens that user has, and ends them.
 */
export function tokensByCurl({
  issuer,
  apiKey = apiKeyPlaceholder,
  ...token
}: {
  issuer: string;
  /** Known only on the page that shows it. */
  apiKey?: string | undefined;
  scope: string;
  roles: string[];
  /** When the token ends (RFC 3339). */
  expires_at: string;
  /** Left out where the resource is the default one. */
  resource?: string | undefined;
}): { make: string; list: string; end: string } {
  const tokens = urlOf(issuer, '/api/v1/tokens');
  const subject = { type: 'user', id: '42' };
  const call = (url: string, body?: object) =>
    [
      `curl -s ${word(url)}`,
      `-H "Authorization: Bearer ${apiKey}"`,
      ...(body ? [`-H 'Content-Type: application/json'`, `-d ${word(JSON.stringify(body))}`] : []),
    ].join(' \\\n  ');
  return {
    make: keep('token', call(tokens, { subject, name: 'Laptop', ...token })),
    list: call(`${tokens}?subject_type=${subject.type}&subject_id=${subject.id}`),
    end: call(`${tokens}/revoke`, { subject }),
  };
}

/** A device's sign-in (RFC 8628): what it begins with, and what it asks until a person has answered. */
export function deviceByCurl({ issuer, clientId, scope, resource }: Connecting): {
  begin: string;
  poll: string;
} {
  const begin = curl(urlOf(issuer, endpoints.device_authorization), {
    client_id: clientId,
    scope,
    resource,
  });
  const poll = curl(urlOf(issuer, endpoints.token), {
    grant_type: grantTypes.deviceCode,
    client_id: clientId,
  });
  return {
    begin: `DEVICE=$(${begin})\necho "$DEVICE"`,
    poll: `${poll} \\\n  -d "device_code=$(echo "$DEVICE" | ${pick('device_code')})"`,
  };
}

/** A module for openid-client 6. */
export function nodeCode(connecting: Connecting): string {
  const byKind = { server, website_with_server: websiteWithServer, website, native, device };
  return byKind[connecting.kind](connecting);
}

const library = "import * as client from 'openid-client';";

const server = ({ issuer, scope, resource }: Connecting): string => `\
${library}

const config = await client.discovery(
  new URL(process.env.OAUTH_ISSUER),
  process.env.OAUTH_CLIENT_ID,
  process.env.OAUTH_CLIENT_SECRET,${insecure(issuer, '\n  undefined,')}
);
const { access_token } = await client.clientCredentialsGrant(config, {${fields({ scope, resource })}
});
console.log(access_token);`;

const websiteWithServer = (connecting: Connecting): string => `\
${library}

const config = await client.discovery(
  new URL(process.env.OAUTH_ISSUER),
  process.env.OAUTH_CLIENT_ID,
  process.env.OAUTH_CLIENT_SECRET,${insecure(connecting.issuer, '\n  undefined,')}
);

/** Starts a sign-in. Redirect the browser to the URL that this returns. \`session\` is kept per browser. */
export async function startSignIn(session) {
  const codeVerifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  Object.assign(session, { codeVerifier, state });
  return client.buildAuthorizationUrl(config, {${authorization(connecting, 4)}
    state,
  }).href;
}

/** Ends it. Call this at the redirect URI, with the whole URL of the request. Returns the tokens. */
export async function finishSignIn(session, url) {
  const { codeVerifier, state } = session;
  return client.authorizationCodeGrant(config, new URL(url), {
    pkceCodeVerifier: codeVerifier,
    expectedState: state,
  });
}`;

const website = (connecting: Connecting): string => `\
${library}

${publicClient(connecting)}

/** Begins a sign-in: the person comes back to the redirect URI. */
export async function signIn() {
  const codeVerifier = client.randomPKCECodeVerifier();
  sessionStorage.setItem('code_verifier', codeVerifier);
  const url = client.buildAuthorizationUrl(config, {${authorization(connecting, 4)}
  });
  location.assign(url);
}

/** Ends it, on the page of the redirect URI: gives the access token. */
export async function finishSignIn() {
  const pkceCodeVerifier = sessionStorage.getItem('code_verifier');
  sessionStorage.removeItem('code_verifier');
  const { access_token } = await client.authorizationCodeGrant(config, new URL(location.href), {
    pkceCodeVerifier,
  });
  return access_token;
}`;

/** How a program stays signed in. */
const renewal = `\
// Keep refresh_token where only your program can read it. When the access token has ended:
//   await client.refreshTokenGrant(config, refresh_token)
// gives both anew.`;

const native = (connecting: Connecting): string => `\
import { createInterface } from 'node:readline/promises';
${library}

${publicClient(connecting)}

const codeVerifier = client.randomPKCECodeVerifier();
const url = client.buildAuthorizationUrl(config, {${authorization(connecting, 2)}
});
console.log(\`Open this in a browser: \${url}\`);

// An app is opened with this address by the system; here, paste it.
const terminal = createInterface({ input: process.stdin, output: process.stdout });
const address = await terminal.question('The address that it led to: ');
terminal.close();

const { access_token, refresh_token } = await client.authorizationCodeGrant(
  config,
  new URL(address),
  { pkceCodeVerifier: codeVerifier },
);
console.log(access_token);
${renewal}`;

const device = (connecting: Connecting): string => `\
${library}

${publicClient(connecting)}

const begun = await client.initiateDeviceAuthorization(config, {${fields(connecting)}
});
console.log(\`Open \${begun.verification_uri} and type \${begun.user_code}\`);

const { access_token, refresh_token } = await client.pollDeviceAuthorizationGrant(config, begun);
console.log(access_token);
${renewal}`;

const publicClient = ({ issuer, clientId }: Connecting): string => `\
const config = await client.discovery(
  new URL(${literal(issuer)}),
  ${literal(clientId)},
  undefined,
  client.None(),${insecure(issuer)}
);`;

/** http, which openid-client refuses unless it is told that it may. */
const insecure = (issuer: string, before = ''): string =>
  issuer.startsWith('http:')
    ? `${before}\n  { execute: [client.allowInsecureRequests] }, // for http alone: leave it out on https`
    : '';

const authorization = ({ redirectUri = '', scope, resource }: Connecting, indent: number): string =>
  fields({ redirect_uri: redirectUri, scope, resource }, indent) +
  [
    'code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),',
    "code_challenge_method: 'S256',",
  ]
    .map((line) => `\n${' '.repeat(indent)}${line}`)
    .join('');

/** The fields of an object, a line each, of what it has of them. */
function fields(
  given: { redirect_uri?: string; scope: string; resource?: string | undefined },
  indent = 2,
): string {
  const { redirect_uri, scope, resource } = given;
  return Object.entries({ redirect_uri, scope, resource })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `\n${' '.repeat(indent)}${name}: ${literal(String(value))},`)
    .join('');
}

const tokenRequest = ({ clientId, secret = secretPlaceholder, scope, resource }: Connecting) => ({
  grant_type: grantTypes.clientCredentials,
  client_id: clientId,
  client_secret: secret,
  scope,
  resource,
});

const curl = (url: string, form: Record<string, string | undefined>): string =>
  [`curl -s ${word(url)}`, ...Object.entries(form).flatMap(parameter)].join(' \\\n  ');

const parameter = ([name, value]: [string, string | undefined]): string[] =>
  value === undefined ? [] : [`-d ${name}=${encode(value)}`];

/** Form-encoded (RFC 6749 Appendix B), but for what is readable and safe in a form and in a shell. */
const encode = (value: string): string =>
  new URLSearchParams([['', value]])
    .toString()
    .slice(1)
    .replaceAll('*', '%2A')
    .replaceAll('%3A', ':')
    .replaceAll('%2F', '/');

/** Takes one text out of a JSON answer. */
const pick = (name: string): string => `sed -E 's/.*"${name}":"([^"]+)".*/\\1/'`;

/** One word of a shell. */
const word = (text: string): string =>
  /^[\w.:/@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** A text in JavaScript. */
const literal = (text: string): string =>
  /^[^'\\\p{Cc}]*$/u.test(text) ? `'${text}'` : JSON.stringify(text);
