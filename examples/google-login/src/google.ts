/** Sign-in with Google: OpenID Connect with a code and PKCE (RFC 6749 §4.1, RFC 7636). */
import { createHash, randomBytes } from 'node:crypto';

export interface Google {
  clientId: string;
  clientSecret: string;
  authorizationUrl: string;
  tokenUrl: string;
  issuer: string;
}

/** What has to be known of a login when the person comes back: kept in a cookie of their browser. */
export interface Login {
  state: string;
  nonce: string;
  verifier: string;
}

/** A person, as Google knows them. */
export interface GoogleUser {
  sub: string;
  name: string;
  /** Undefined where Google has not verified it. */
  email: string | undefined;
}

const random = () => randomBytes(32).toString('base64url');

export const newLogin = (): Login => ({ state: random(), nonce: random(), verifier: random() });

/** Where the browser goes to sign in. */
export function authorizationUrl(google: Google, login: Login, redirectUri: string): string {
  const url = new URL(google.authorizationUrl);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: google.clientId,
    redirect_uri: redirectUri,
    scope: 'openid email profile',
    state: login.state,
    nonce: login.nonce,
    code_challenge: createHash('sha256').update(login.verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return url.href;
}

/** Who signed in, for the code that they came back with. Throws where Google refuses the code. */
export async function exchangeCode(
  google: Google,
  { code, login, redirectUri }: { code: string; login: Login; redirectUri: string },
): Promise<GoogleUser> {
  const response = await fetch(google.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      client_id: google.clientId,
      client_secret: google.clientSecret,
      code_verifier: login.verifier,
    }),
  });
  if (!response.ok) throw new Error(`Google refused the code: ${response.status}`);
  const { id_token: idToken } = (await response.json()) as { id_token: string };
  return readIdToken(google, idToken, login.nonce);
}

/**
 * It comes from Google itself over TLS, which stands for its signature (OpenID Connect Core §3.1.3.7, step 6). What it
 * says has to be checked all the same.
 */
function readIdToken(google: Google, idToken: string, nonce: string): GoogleUser {
  const [, payload = ''] = idToken.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  if (
    claims.iss !== google.issuer ||
    claims.aud !== google.clientId ||
    claims.nonce !== nonce ||
    !(claims.exp > Date.now() / 1000)
  )
    throw new Error('The ID token is not for this login.');
  return {
    sub: claims.sub,
    name: claims.name ?? claims.sub,
    email: claims.email_verified === true ? claims.email : undefined,
  };
}
