/**
 * THE LOGIN APP: signs people in with Google, creates a token of Writ for each, and serves the page that uses it. The API
 * key never leaves this process; the page gets the token of its own person.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type AccessToken,
  createAccessToken,
  revokeAccessToken,
  type Writ,
} from './access-tokens.ts';
import { authorizationUrl, exchangeCode, type Google, type Login, newLogin } from './google.ts';
import { type Listening, listen } from './listen.ts';

export interface LoginAppSettings {
  port: number;
  google: Google;
  writ: Writ;
  /** The address of the SQL API, which the page calls. */
  sqlUrl: string;
  /** The addresses of people who see everything. */
  editors: readonly string[];
}

/** What a browser sent cannot be. */
class Refusal extends Error {}

interface Session {
  name: string;
  data: AccessToken;
}

const files: Record<string, { type: string; text: string }> = Object.fromEntries(
  [
    ['/', 'index.html', 'text/html'],
    ['/app.js', 'app.js', 'text/javascript'],
    ['/style.css', 'style.css', 'text/css'],
  ].map(([path, file, type]) => [
    path,
    {
      type: `${type}; charset=utf-8`,
      text: readFileSync(new URL(`../public/${file}`, import.meta.url), 'utf8'),
    },
  ]),
);

export async function startLoginApp(settings: LoginAppSettings): Promise<Listening> {
  const { google, writ, sqlUrl, editors } = settings;
  /** Who is signed in, by the value of the cookie. A real app keeps them where a restart does not lose them. */
  const sessions = new Map<string, Session>();

  const headers = {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': `default-src 'self'; img-src 'self' data:; connect-src 'self' ${writ.url} ${sqlUrl}; frame-ancestors 'none'`,
  };

  const send = (response: ServerResponse, status: number, type: string, text: string) =>
    response.writeHead(status, { ...headers, 'Content-Type': type }).end(text);

  const sendJson = (response: ServerResponse, status: number, body: unknown) =>
    send(response, status, 'application/json', JSON.stringify(body));

  const redirect = (response: ServerResponse, location: string, cookies: string[]) =>
    response.writeHead(303, { ...headers, Location: location, 'Set-Cookie': cookies }).end();

  const routes: Record<
    string,
    (request: IncomingMessage, response: ServerResponse, url: URL) => unknown
  > = {
    'GET /config': (_request, response) => sendJson(response, 200, { writ: writ.url, sql: sqlUrl }),

    'GET /session': (request, response) =>
      sendJson(response, 200, sessions.get(cookie(request, 'session') ?? '') ?? null),

    'GET /auth/google': (_request, response) => {
      const login = newLogin();
      redirect(response, authorizationUrl(google, login, redirectUri()), [
        setCookie('login', Buffer.from(JSON.stringify(login)).toString('base64url'), 600),
      ]);
    },

    'GET /auth/callback': async (request, response, { searchParams }) => {
      const code = searchParams.get('code');
      const login = readLogin(cookie(request, 'login'));
      if (!code || !login || searchParams.get('state') !== login.state)
        throw new Refusal('Invalid state or missing code');
      const user = await exchangeCode(google, { code, login, redirectUri: redirectUri() });
      const role = user.email !== undefined && editors.includes(user.email) ? 'editor' : 'reader';
      const data = await createAccessToken(writ, {
        userId: user.sub,
        attributes: { role, ...(user.email !== undefined && { email: user.email }) },
      });
      const id = randomBytes(32).toString('base64url');
      sessions.set(id, { name: user.name, data });
      redirect(response, '/', [setCookie('session', id, 24 * 60 * 60), setCookie('login', '', 0)]);
    },

    'POST /sign-out': async (request, response) => {
      const id = cookie(request, 'session') ?? '';
      const session = sessions.get(id);
      if (session) await revokeAccessToken(writ, session.data.token);
      sessions.delete(id);
      redirect(response, '/', [setCookie('session', '', 0)]);
    },
  };

  const app = await listen(settings.port, async (request, response) => {
    try {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const file = request.method === 'GET' && files[url.pathname];
      const route = routes[`${request.method} ${url.pathname}`];
      if (file) send(response, 200, file.type, file.text);
      else if (route) await route(request, response, url);
      else send(response, 404, 'text/plain', 'Not found');
    } catch (error) {
      if (error instanceof Refusal) return void send(response, 400, 'text/plain', error.message);
      console.error(error);
      send(response, 502, 'text/plain', 'Sign-in failed. Try again.');
    }
  });
  const redirectUri = () => `${app.origin}/auth/callback`;
  return app;
}

/** For this site only, and out of reach of scripts. On https, add `Secure`. */
const setCookie = (name: string, value: string, seconds: number): string =>
  `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}`;

const cookie = ({ headers }: IncomingMessage, name: string): string | undefined =>
  headers.cookie
    ?.split('; ')
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

function readLogin(value: string | undefined): Login | undefined {
  try {
    return JSON.parse(Buffer.from(value ?? '', 'base64url').toString());
  } catch {
    return undefined;
  }
}
