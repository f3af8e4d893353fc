// Websites that sign people in with stock libraries, configured by the issuer, a client ID and a secret only. The programs are in
// test/clients, started as they are; its README.md says how to build those in Go and Java.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { allow } from '../protocol/authorization/support.ts';
import { createHttp, type Http } from '../support/http.ts';
import { signedIn } from '../support/people.ts';
import { freePort, type Program, startProgram } from '../support/process.ts';
import { clientProgram, pythonCommand } from '../support/published-clients.ts';
import { onStack, unique } from '../support/stacks.ts';
import type { Visitor } from '../support/visitor.ts';

interface RelyingParty {
  name: string;
  /** The command; undefined if it is not built on this machine. */
  command: string[] | undefined;
  /** The path that begins a login, and that of its redirect URI. */
  login: string;
  callback: string;
  /** Whether it shows the `scope` of its token response. */
  showsScope: boolean;
  /** Whether it shows the claims of the ID token. */
  showsIdToken: boolean;
}

const python = (file: string): string[] | undefined => {
  const script = clientProgram(`python/${file}`);
  const packages = clientProgram('.venv/bin/python');
  return script !== undefined && packages !== undefined
    ? [pythonCommand('python'), script]
    : undefined;
};
const java = (name: string): string[] | undefined => {
  const jar = clientProgram(`java/${name}/target/relying-party.jar`);
  return jar === undefined
    ? undefined
    : ['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-jar', jar];
};
const go = clientProgram('go/relying-party');

const usual = { login: '/login', callback: '/callback', showsScope: true, showsIdToken: true };
const relyingParties: RelyingParty[] = [
  { ...usual, name: 'go-oidc with x/oauth2', command: go === undefined ? undefined : [go] },
  { ...usual, name: 'Authlib', command: python('authlib_login.py') },
  {
    ...usual,
    name: 'requests-oauthlib',
    command: python('oauthlib_login.py'),
    showsIdToken: false,
  },
  { ...usual, name: "Nimbus' OAuth SDK", command: java('nimbus') },
  {
    name: 'Spring Security',
    command: java('spring'),
    login: '/oauth2/authorization/writ',
    callback: '/login/oauth2/code/writ',
    showsScope: false,
    showsIdToken: true,
  },
];

/** Starts a login at the website, allows it at Writ and returns what the website then shows. */
async function logIn(website: Http, visitor: Visitor, login: string) {
  const begun = await website.get(login);
  const cookie = cookiesOf(begun.headers);
  const authorization = new URL(begun.headers.get('location') ?? 'nowhere:');
  const back = await allow(visitor, { path: authorization.pathname + authorization.search });
  let shown = await website.get(back.pathname + back.search, { cookie });
  const moved = shown.headers.get('location');
  // Spring shows its page in the session that the login began.
  if (moved) shown = await website.get('/me', { cookie: cookiesOf(shown.headers) || cookie });
  return shown;
}

const cookiesOf = (headers: Headers): string =>
  headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');

onStack((stack) => {
  const resource = `https://${unique('jwt-api')}.test`;
  beforeAll(async () => {
    await stack().api.createResource({
      identifier: resource,
      scopes: [{ name: 'things:read' }],
      token_format: 'jwt',
      signing_alg: 'RS256',
    });
    await stack().api.setRole('reader', ['things.read']);
  });

  for (const { name, command, login, callback, showsScope, showsIdToken } of relyingParties)
    (command ? describe : describe.skip)(name, () => {
      let website: Http;
      let program: Program;
      let client: { id: string; secret: string };

      beforeAll(async () => {
        client = await stack().api.createClient({
          client_name: unique('Website'),
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          // On loopback, the port is the program's choice (RFC 8252 §7.3).
          application_type: 'native',
          redirect_uris: [`http://127.0.0.1${callback}`],
        });
        const port = await freePort();
        website = createHttp(`http://127.0.0.1:${port}`);
        const environment = {
          ISSUER: stack().issuer,
          CLIENT_ID: client.id,
          CLIENT_SECRET: client.secret,
          RESOURCE: resource,
          PORT: String(port),
        };
        const variables = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
        program = await startProgram({
          name: name.replace(/\W+/g, '-'),
          command: () => ['env', ...variables, ...(command ?? [])],
          ready: () => website.get('/'),
          stopSignal: 'SIGTERM',
          killSignal: 'SIGKILL',
        });
      });
      afterAll(() => program?.kill());

      test('signs a person in, and reads the same claims from the ID token and from userinfo', async () => {
        const ada = await signedIn(stack(), { name: 'Ada Lovelace', roles: ['reader'] });
        const claims = {
          sub: ada.accountId,
          name: 'Ada Lovelace',
          email: ada.email,
          email_verified: false,
          roles: ['reader'],
        };
        const { status, body, text } = await logIn(website, ada.visitor, login);
        expect({ status, text }).toMatchObject({ status: 200 });
        expect(body.userinfo).toMatchObject(claims);
        if (showsIdToken) expect(body.id_token).toMatchObject(claims);
        if (showsScope)
          expect(body.scope.split(' ')).toEqual(
            expect.arrayContaining(['openid', 'profile', 'email', 'roles']),
          );
      });

      if (name === 'Spring Security')
        test('admits an at+jwt access token to its API, with the roles as authorities', async () => {
          const caller = await stack().api.createClient({
            roles: ['reader'],
            resources: [resource],
          });
          const { body } = await stack().token(caller, { resource });
          const call = (token: string) =>
            website.get('/api/things', { authorization: `Bearer ${token}` });
          expect((await call(body.access_token)).body).toMatchObject({
            sub: caller.id,
            authorities: expect.arrayContaining(['ROLE_reader']),
          });
          expect((await call('eyJhbGciOiJub25lIn0.e30.')).status).toBe(401);
        });
    });
});
