import { urlOf } from '../../../oauth/issuer.ts';
import { type Connecting, literal } from './connecting.ts';
import { exampleUser, exampleUserQuery, type TokenForUser } from './curl.ts';

/** A module for openid-client 6. */
export const nodeCode = (connecting: Connecting): string =>
  ({ server, agent: server, website_with_server: websiteWithServer, website, native, device })[
    connecting.kind
  ](connecting);

const library = "import * as client from 'openid-client';";

const server = (connecting: Connecting): string => `\
${library}

${confidentialClient(connecting)}
const { access_token } = await client.clientCredentialsGrant(config, {${tokenFields(connecting)}
});
console.log(access_token);`;

const websiteWithServer = (connecting: Connecting): string => `\
${library}

${confidentialClient(connecting)}

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

/** Starts a sign-in. The browser comes back to the redirect URI. */
export async function signIn() {
  const codeVerifier = client.randomPKCECodeVerifier();
  sessionStorage.setItem('code_verifier', codeVerifier);
  const url = client.buildAuthorizationUrl(config, {${authorization(connecting, 4)}
  });
  location.assign(url);
}

/** Ends it, on the page of the redirect URI. Returns the access token. */
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
// Keep refresh_token where only your program can read it. When the access token has expired, call
//   await client.refreshTokenGrant(config, refresh_token)
// It returns a new one of each.`;

const native = (connecting: Connecting): string => `\
import { createInterface } from 'node:readline/promises';
${library}

${publicClient(connecting)}

const codeVerifier = client.randomPKCECodeVerifier();
const url = client.buildAuthorizationUrl(config, {${authorization(connecting, 2)}
});
console.log(\`Open this URL in a browser: \${url}\`);

// The system opens an installed app with the URL that the browser returns to. Here, paste it.
const terminal = createInterface({ input: process.stdin, output: process.stdout });
const returned = await terminal.question('The URL that the browser returned to: ');
terminal.close();

const { access_token, refresh_token } = await client.authorizationCodeGrant(
  config,
  new URL(returned),
  { pkceCodeVerifier: codeVerifier },
);
console.log(access_token);
${renewal}`;

const device = (connecting: Connecting): string => `\
${library}

${publicClient(connecting)}

const login = await client.initiateDeviceAuthorization(config, {${tokenFields(connecting)}
});
console.log(\`Open \${login.verification_uri} and enter \${login.user_code}\`);

const { access_token, refresh_token } = await client.pollDeviceAuthorizationGrant(config, login);
console.log(access_token);
${renewal}`;

const confidentialClient = ({ issuer }: Connecting): string => `\
const config = await client.discovery(
  new URL(process.env.OAUTH_ISSUER),
  process.env.OAUTH_CLIENT_ID,
  process.env.OAUTH_CLIENT_SECRET,${insecure(issuer, '\n  undefined,')}
);`;

const publicClient = ({ issuer, clientId }: Connecting): string => `\
const config = await client.discovery(
  new URL(${literal(issuer)}),
  ${literal(clientId)},
  undefined,
  client.None(),${insecure(issuer)}
);`;

/** Allows http, which openid-client refuses by default. */
const insecure = (issuer: string, before = ''): string =>
  issuer.startsWith('http:')
    ? `${before}\n  { execute: [client.allowInsecureRequests] }, // only for http: remove this with https`
    : '';

const authorization = ({ redirectUri = '', scope, resource }: Connecting, indent: number): string =>
  fields({ redirect_uri: redirectUri, scope, resource }, indent) +
  [
    'code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),',
    "code_challenge_method: 'S256',",
  ]
    .map((line) => `\n${' '.repeat(indent)}${line}`)
    .join('');

const tokenFields = ({ scope, resource }: Connecting): string => fields({ scope, resource }, 2);

/** The fields of an object literal that have a value, one per line. */
const fields = (values: Record<string, string | undefined>, indent: number): string =>
  Object.entries(values)
    .map(([name, value]) =>
      value === undefined ? '' : `\n${' '.repeat(indent)}${name}: ${literal(value)},`,
    )
    .join('');

/** A module for a backend: creates a token for a user, lists the user's tokens, and can revoke them. */
export const tokensInNode = (issuer: string, token: TokenForUser): string => `\
async function call(path, body) {
  const response = await fetch(${literal(urlOf(issuer, '/api/v1'))} + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: \`Bearer \${process.env.API_KEY}\`,
      'content-type': 'application/json',
    },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

const subject = { type: '${exampleUser.type}', id: '${exampleUser.id}' };
const { token } = await call('/tokens', {
  subject,
  name: 'Laptop',${Object.entries(token)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        `\n  ${name}: ${Array.isArray(value) ? `[${value.map(literal).join(', ')}]` : literal(value)},`,
    )
    .join('')}
});
console.log(token); // your user gets it now: it is not shown again

const { items } = await call('/tokens?${exampleUserQuery}');
console.log(\`\${items.length} active tokens\`);

// Revokes all of them: await call('/tokens/revoke', { subject });`;
