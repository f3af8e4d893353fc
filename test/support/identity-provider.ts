// Other identity providers, as tests need them: an OpenID Provider (oidc-provider) on the loopback interface whose ID tokens a
// test can change before they are sent, and a stand-in for GitHub.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import Provider from 'oidc-provider';
import { urlOf } from '../../src/oauth/issuer.ts';
import { callbackPath, signedOutPath } from '../../src/oauth/provider-paths.ts';
import { keepSecret } from './run-records.ts';
import { unique } from './unique.ts';
import type { Page, Visitor } from './visitor.ts';

export const upstreamSecret = 'the secret of Writ at the other provider';

const listen = async (handler: RequestListener): Promise<{ server: Server; origin: string }> => {
  const server = createServer(handler);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` };
};

const close = (server: Server): Promise<void> =>
  new Promise((closed) => {
    server.close(() => closed());
    server.closeAllConnections();
  });

/** Changes the claims of the next ID token; `alg: none` sends it unsigned. */
export type Tampering = (claims: JWTPayload) => { claims: JWTPayload; unsigned?: boolean };

/** An OpenID Provider where `person` is signed in, for Writ at `issuer` as its client `writ`. */
export async function startIdentityProvider(issuer: string, ids: readonly string[]) {
  let handle: RequestListener = () => {};
  const { server, origin } = await listen((request, response) => handle(request, response));
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk: JWK = { ...(await exportJWK(privateKey)), kid: 'upstream', alg: 'RS256', use: 'sig' };
  keepSecret('upstream client secret', upstreamSecret);
  const state: {
    person: Record<string, unknown> & { sub: string };
    tamper?: Tampering | undefined;
  } = {
    person: { sub: unique('subject') },
  };
  const scopes = {
    openid: ['sub', 'sid'],
    profile: ['name', 'picture', 'groups'],
    email: ['email', 'email_verified'],
  };
  const provider = new Provider(origin, {
    clients: [
      {
        client_id: 'writ',
        client_secret: upstreamSecret,
        redirect_uris: ids.map((id) => urlOf(issuer, callbackPath(id))),
        post_logout_redirect_uris: ids.map((id) => urlOf(issuer, signedOutPath(id))),
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    jwks: { keys: [jwk as never] },
    cookies: { keys: ['a key of the other provider'] },
    claims: scopes,
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: async () => ({ ...state.person, sub: id }),
    }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        accountId: String(ctx.oidc.session?.accountId),
        clientId: String(ctx.oidc.client?.clientId),
      });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        // The one of the engine loads a font from elsewhere.
        logoutSource: async (ctx, form) => {
          ctx.body = `<!doctype html><link rel="icon" href="data:,">${form}
            <button form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>`;
        },
      },
    },
  });
  provider.use(async (ctx, next) => {
    if (ctx.path.startsWith('/interaction/'))
      return provider.interactionFinished(ctx.req, ctx.res, {
        login: { accountId: state.person.sub, amr: [] },
      });
    await next();
    const body = ctx.body as { id_token?: string } | undefined;
    const tamper = state.tamper;
    if (ctx.path !== '/token' || !body?.id_token || !tamper) return;
    state.tamper = undefined;
    const [, payload = ''] = body.id_token.split('.');
    const changed = tamper(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    ctx.body = {
      ...body,
      id_token: changed.unsigned ? unsigned(changed.claims) : await sign(changed.claims),
    };
  });
  handle = provider.callback();

  const sign = async (claims: JWTPayload, typ = 'JWT'): Promise<string> => {
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'upstream', typ })
      .sign(await importJWK(jwk, 'RS256'));
    keepSecret('upstream token', token);
    return token;
  };

  return {
    origin,
    state,
    /** Signs any token with the key of the provider. */
    sign,
    close: () => close(server),
  };
}

export type TestProvider = Awaited<ReturnType<typeof startIdentityProvider>>;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const unsigned = (claims: JWTPayload): string => `${encode({ alg: 'none' })}.${encode(claims)}.`;

/** A GitHub with one person, who is signed in there and agrees to everything. */
export async function startGitHub() {
  const person = {
    user: {
      id: 583_231,
      login: 'octocat',
      name: 'Mona Octocat',
      avatar_url: 'https://avatars.test/1',
    },
    emails: [] as { email: string; primary: boolean; verified: boolean }[],
  };
  const { server, origin } = await listen((request, response) => {
    const url = new URL(request.url ?? '', origin);
    const json = (body: unknown, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const redirectUri = url.searchParams.get('redirect_uri');
    if (url.pathname === '/login/oauth/authorize' && redirectUri) {
      const to = new URL(redirectUri);
      to.searchParams.set('code', 'a code of GitHub');
      to.searchParams.set('state', url.searchParams.get('state') ?? '');
      response.writeHead(302, { location: to.href });
      return response.end();
    }
    if (url.pathname === '/login/oauth/access_token')
      return json({
        access_token: 'gho_a_token_of_GitHub',
        token_type: 'bearer',
        scope: 'read:user,user:email',
      });
    if (request.headers.authorization !== 'Bearer gho_a_token_of_GitHub') return json({}, 401);
    if (url.pathname === '/api/v3/user') return json(person.user);
    if (url.pathname === '/api/v3/user/emails') return json(person.emails);
    return json({}, 404);
  });
  keepSecret('upstream token', 'gho_a_token_of_GitHub');
  return { origin, person, close: () => close(server) };
}

/** The address that a page goes to by itself. */
export const leavesTo = ({ headers }: Page): string =>
  /url=(.*)$/.exec(headers.get('refresh') ?? '')?.[1] ?? '';

/** Follows redirects at other servers with cookies of their own, until they lead back. Returns the path here. */
export async function throughProvider(address: string, home: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = address;
  for (let hops = 0; hops < 8; hops++) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const index = pair.indexOf('=');
      cookies.set(pair.slice(0, index), pair.slice(index + 1));
    }
    const location = response.headers.get('location');
    if (location === null)
      throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
    url = new URL(location, url).href;
    if (url.startsWith(home)) return url.slice(home.length);
  }
  throw new Error('it does not lead back');
}

/** From a button to the return of the browser; the page after it. */
export async function signInWith(
  visitor: Visitor,
  home: string,
  id: string,
  fields: Record<string, string> = {},
): Promise<Page> {
  const sent = await visitor.submit(`/sign-in/with/${id}`, fields);
  return visitor.get(await throughProvider(leavesTo(sent), home));
}
