import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import type { Browser, Page } from 'playwright-core';
import { loadSettings } from '../../config/settings.ts';
import { setUp } from '../../src/boot/setup.ts';
import { createLog } from '../../src/http/log.ts';
import { openMailing } from '../../src/jobs/mail/index.ts';
import { createGuard } from '../../src/sdk/resource-server/index.ts';
import { startServer } from '../../src/server.ts';
import { operatorKey } from '../cli/operator.ts';
import { makeLoginClient } from '../protocol/authorization/support.ts';
import { createSigningClient } from '../protocol/token/support.ts';
import { chromiumPath, openBrowser, openPage, screenshot } from '../support/browser.ts';
import { writHere } from '../support/command.ts';
import { makeDevice } from '../support/device.ts';
import { createHttp } from '../support/http.ts';
import { makeParties } from '../support/parties.ts';
import { openPathProxy, type Passing, type PathProxy } from '../support/path-proxy.ts';
import { makePerson } from '../support/people.ts';
import { type Stack, startStack, unique } from '../support/stacks.ts';

let proxy: PathProxy;
let stack: Stack;
let issuer: string;
let browser: Browser | undefined;
/** A website on another origin, which people log in to. */
let website: http.Server;
let redirectUri: string;
beforeAll(async () => {
  // The slash at the end belongs to the name of the issuer, and to no URL of the server.
  proxy = await openPathProxy('/sso/log.in/');
  issuer = proxy.issuer;
  stack = await startStack('embedded', { ISSUER: issuer, TRUST_PROXY: 'true' });
  proxy.lead(stack.origin);
  website = http.createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><link rel="icon" href="data:,"><title>Back</title><h1>Back</h1>');
  });
  website.listen(0, '127.0.0.1');
  await once(website, 'listening');
  redirectUri = `http://127.0.0.1:${(website.address() as AddressInfo).port}/back`;
  if (chromiumPath) browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  website.closeAllConnections();
  website.close();
  await proxy.close();
  await stack.close();
});

const at = (below: string) => issuer.replace(/\/$/, '') + below;

/** What a page asks for that is neither below the path of the issuer nor the website. */
function strayedOn(page: Page): string[] {
  const strayed: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    const isOurs = url === at('') || url.startsWith(at('/'));
    if (!isOurs && !/^data:/.test(url) && !url.startsWith(redirectUri)) strayed.push(url);
  });
  return strayed;
}

const discover = (
  clientId: string,
  authentication?: client.ClientAuth,
  algorithm: 'oidc' | 'oauth2' = 'oidc',
) =>
  client.discovery(new URL(issuer), clientId, undefined, authentication, {
    algorithm,
    // http://localhost
    execute: [client.allowInsecureRequests],
  });

const passings: Passing[] = ['passes the path on', 'takes the path off'];

describe.each(passings)('an issuer with a path, behind a proxy that %s,', (passing) => {
  beforeAll(() => {
    proxy.passing = passing;
  });
  afterAll(() => {
    // Whatever followed a link of the server asked for something below its path.
    expect(proxy.strayed).toEqual([]);
  });

  test.each(['oidc', 'oauth2'] as const)('is discovered by the way of %s', async (algorithm) => {
    const { id, secret } = await stack.api.createClient();
    const config = await discover(id, client.ClientSecretBasic(secret), algorithm);
    const metadata = config.serverMetadata();
    expect(metadata.issuer).toBe(issuer);
    const urls = Object.entries(metadata).filter(([name]) => /_(endpoint|uri)$/.test(name));
    expect(urls.length).toBeGreaterThan(6);
    for (const [, url] of urls)
      expect(url).toMatch(new RegExp(`^${at('/')}(connect|\\.well-known)/`));
    expect((await fetch(String(metadata.jwks_uri))).status).toBe(200);
  });

  test.each(['oauth-authorization-server', 'openid-configuration'])(
    'has its %s at the root of the host too, with its path behind it',
    async (suffix) => {
      const { origin } = new URL(issuer);
      const answer = await fetch(
        // A proxy leads there what its operator says: here the server is asked itself for the second.
        suffix === 'oauth-authorization-server'
          ? `${origin}/.well-known/${suffix}/sso/log.in`
          : `${stack.origin}/.well-known/${suffix}/sso/log.in`,
      );
      expect(await answer.json()).toMatchObject({ issuer });
    },
  );

  test("has the metadata of its API at the root of the host, with the API's path behind it (RFC 9728 §3.1)", async () => {
    const api = new URL(at('/api/v1'));
    const answer = await fetch(
      `${stack.origin}/.well-known/oauth-protected-resource${api.pathname}`,
    );
    expect(await answer.json()).toMatchObject({
      resource: api.href,
      authorization_servers: [issuer],
    });
    expect((await fetch(at('/api/v1/clients'))).headers.get('www-authenticate')).toContain(
      `resource_metadata="${api.origin}/.well-known/oauth-protected-resource${api.pathname}"`,
    );
  });

  test('issues, describes and revokes tokens in its name', async () => {
    const { client: app, resource, resourceServer } = await makeParties(stack, { format: 'jwt' });
    const config = await discover(app.id, client.ClientSecretBasic(app.secret));
    const tokens = await client.clientCredentialsGrant(config, { resource });
    expect(decodeJwt(tokens.access_token).iss).toBe(issuer);
    const asking = await discover(
      resourceServer.id,
      client.ClientSecretBasic(resourceServer.secret),
    );
    const inspect = () => client.tokenIntrospection(asking, tokens.access_token);
    expect(await inspect()).toMatchObject({ active: true, iss: issuer, aud: resource });
    await client.tokenRevocation(config, tokens.access_token);
    expect(await inspect()).toEqual({ active: false });
  });

  test('takes assertions that name it, or its token endpoint', async () => {
    const { id, privateKey } = await createSigningClient(stack, {
      token_endpoint_audience: true,
      resources: [stack.apiResource],
    });
    for (const aud of [issuer, at('/connect/token')]) {
      const authentication = client.PrivateKeyJwt(
        { key: privateKey, kid: 'one' },
        { [client.modifyAssertion]: (_header, payload) => void Object.assign(payload, { aud }) },
      );
      const config = await discover(id, authentication);
      const { access_token } = await client.clientCredentialsGrant(config);
      expect(access_token).toMatch(/^writ_at_/);
    }
  });

  test('leads a guard of an API to the server', async () => {
    const { resource, resourceServer, issue } = await makeParties(stack);
    const guard = createGuard({ issuer, resource, client: resourceServer });
    const { caller } = await guard.admit({ headers: { authorization: `Bearer ${await issue()}` } });
    expect(caller?.clientId).toEqual(expect.any(String));
    await guard.close();
  });

  test('has the resource of its API below its path, and answers with a Location there', async () => {
    expect(stack.apiResource).toBe(at('/api/v1'));
    const authorization = `Bearer ${await operatorKey(stack)}`;
    const made = await fetch(at('/api/v1/clients'), {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: unique('backend') }),
    });
    expect(made.status).toBe(201);
    const location = new URL(made.headers.get('location') ?? '', made.url).href;
    expect(location).toContain(at('/api/v1/clients/'));
    expect((await fetch(location, { headers: { authorization } })).status).toBe(200);

    const { body: document } = await createHttp(at('')).get('/api/v1/openapi.json');
    const { components, servers } = document;
    const { tokenUrl } = components.securitySchemes.oauth2.flows.clientCredentials;
    expect([servers[0].url, tokenUrl]).toEqual([at(''), at('/connect/token')]);
  });

  test('sends people to its pages by the links of invitations', async () => {
    const email = `${unique('ada')}@example.com`;
    const { body: account } = await stack.api.call('POST', '/accounts', { name: 'Ada', email });
    const { body } = await stack.api.call('POST', `/accounts/${account.id}/invitation`);
    expect(body.invitation_uri).toMatch(new RegExp(`^${at('/invitation/')}`));
    expect((await fetch(body.invitation_uri)).status).toBe(200);
  });

  test('has the addresses of dialects below its path', async () => {
    const answer = await fetch(at('/identity-server/.well-known/openid-configuration'));
    expect(await answer.json()).toMatchObject({
      issuer,
      token_endpoint: at('/identity-server/connect/token'),
    });
    const begun = await fetch(at('/-/oauth/device'), { method: 'POST' });
    const { device_code: code, verification_uri: uri } = (await begun.json()) as Record<
      'device_code' | 'verification_uri',
      string
    >;
    expect(uri).toBe(at('/-/oauth/device/verify'));
    const page = await fetch(uri, { redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(new RegExp(`^${new URL(at('/sign-in')).pathname}\\?`)),
    ]);
    const polled = await fetch(at('/-/oauth/token'), {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: code,
      }),
    });
    expect(await polled.json()).toEqual({ error: 'authorization_pending' });
  });

  test('is found by commands, by the operator’s file and by the doctor', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'writ-cli-'));
    const operator = { url: issuer, api_key: await operatorKey(stack) };
    await writeFile(path.join(directory, 'operator.json'), JSON.stringify(operator), {
      mode: 0o600,
    });
    for (const given of [{}, { WRIT_URL: issuer }, { WRIT_URL: at('') }]) {
      const environment = { DATA_DIR: directory, ...given };
      const { code, json } = await writHere(['resources', 'list', '--json'], environment);
      expect(code).toBe(0);
      expect(json).toContainEqual(expect.objectContaining({ identifier: at('/api/v1') }));
    }
    const { json } = await writHere(['doctor', '--json'], { DATA_DIR: directory });
    const checks: Record<'area' | 'name' | 'status', string>[] = json.checks;
    expect(
      checks.filter(({ area }) => area === 'outside').map(({ name, status }) => [name, status]),
    ).toEqual(['https', 'discovery', 'metadata', 'jwks'].map((name) => [name, 'ok']));
    await rm(directory, { recursive: true });
  });

  (chromiumPath ? test : test.skip)(
    'logs a person in, shows their account and connects a device, without a request elsewhere',
    async () => {
      const app = await makeLoginClient(stack, 'server', {
        application_type: 'native',
        redirect_uris: [redirectUri],
      });
      const person = await makePerson(stack);
      const { page, complaints, close } = await openPage(browser as Browser);
      const strayed = strayedOn(page);
      const config = await discover(app.client.id, client.ClientSecretBasic(app.client.secret));
      const pkceCodeVerifier = client.randomPKCECodeVerifier();
      const state = unique('state');
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: app.redirectUri,
        scope: 'openid things:read',
        state,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      });
      await page.goto(url.href);
      await screenshot(page, `issuer-path-sign-in-${passings.indexOf(passing)}`);
      await page.getByLabel(/^E-?mail/).fill(person.email);
      await page.getByLabel('Password').fill(person.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await page.getByRole('heading', { name: 'Back' }).waitFor();
      const back = new URL(page.url());
      expect(back.searchParams.get('iss')).toBe(issuer);
      const tokens = await client.authorizationCodeGrant(config, back, {
        pkceCodeVerifier,
        expectedState: state,
      });
      expect(tokens.claims()).toMatchObject({ iss: issuer, sub: person.accountId });

      for (const { name, path: scope } of await page.context().cookies(issuer))
        expect([name, scope]).toEqual([expect.stringMatching(/^writ_/), '/sso/log.in']);
      expect(await page.context().cookies(new URL(issuer).origin)).toEqual([]);

      await page.goto(issuer);
      await page.waitForURL(at('/account'));
      await screenshot(page, `issuer-path-account-${passings.indexOf(passing)}`);
      for (const [name, below] of [
        ['Apps', '/apps'],
        ['Connected', '/account/connected'],
        ['Account', '/account'],
      ] as const) {
        await page.getByRole('link', { name, exact: true }).click();
        await page.waitForURL(at(below));
      }
      await page.getByLabel('Name', { exact: true }).fill('Ada King');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Your profile is saved').waitFor();

      const device = await makeDevice(stack);
      const started = await device.start();
      expect(started.verification_uri).toBe(at('/device'));
      await page.goto(started.verification_uri_complete);
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await page.getByText('connected').first().waitFor();
      expect((await device.poll(started)).status).toBe(200);

      await page.goto(at('/nothing/here'));
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.goto(at('/account'));
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(at('/sign-in**'));
      expect(strayed).toEqual([]);
      expect(complaints.filter((one) => !one.includes('404'))).toEqual([]);
      await close();
    },
  );
});

(chromiumPath ? test : test.skip)(
  'the page of the API shows it, and sends a token request of its own below the path',
  async () => {
    const { page, complaints, close } = await openPage(browser as Browser);
    const strayed = strayedOn(page);
    await page.goto(at('/docs'));
    await page.getByText('/api/v1/clients').first().waitFor();
    const { status } = await page.evaluate<{ status: number }>(
      `fetch(${JSON.stringify(at('/connect/token'))}, { method: 'POST' }).then(({ status }) => ({ status }))`,
    );
    expect(status).toBe(401);
    expect(strayed).toEqual([]);
    expect(complaints.filter((one) => !one.includes('401'))).toEqual([]);
    await close();
  },
);

test('mails lead to pages below the path of the issuer', async () => {
  const mailing = await openMailing(loadSettings({ SMTP_URL: 'smtp://localhost' }), issuer);
  expect(mailing?.sender.url).toBe(at(''));
});

test('probes find the server at its root and below the path of the issuer', async () => {
  for (const below of ['', '/sso/log.in'])
    for (const probe of ['/healthz', '/readyz'])
      expect((await stack.get(below + probe)).status).toBe(200);
});

test('an issuer whose path is an address of the server is refused by a start and by a set-up', async () => {
  const settings = loadSettings({ ISSUER: 'http://localhost/api', DATABASE_URL: 'pglite:' });
  const refusal = expect.stringContaining('ISSUER: its path cannot be /api');
  await expect(startServer(settings, { log: createLog('silent') })).rejects.toMatchObject({
    message: refusal,
  });
  await expect(setUp(settings)).rejects.toMatchObject({ message: refusal });
});
