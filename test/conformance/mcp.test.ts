// The conformance tests of the Model Context Protocol for authorization servers: the published package, from test/clients,
// for every revision of the specification that has authorization.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { grantTypes } from '../../src/oauth/grant-types.ts';
import { allow } from '../protocol/authorization/support.ts';
import { createDpopKey } from '../protocol/strict/support.ts';
import { createResource, now } from '../protocol/token/support.ts';
import type { Answer, Credentials } from '../support/http.ts';
import { makePerson, signedIn } from '../support/people.ts';
import { freePort } from '../support/process.ts';
import { conformanceOfMcp, mcpPackagesAreThere } from '../support/published-clients.ts';
import { onStack, unique } from '../support/stacks.ts';
import { issuerKey } from '../support/trusted-issuer.ts';

interface Check {
  id: string;
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  errorMessage?: string;
}

(mcpPackagesAreThere() ? describe : describe.skip)('MCP conformance', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'writ-mcp-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  /** The checks of a run, as it writes them. */
  const checksIn = (folder: string): Check[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('checks.json'))
      .flatMap((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')));

  onStack(
    (stack) => {
      test.each(['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'])(
        'revision %s: no check fails, warns or is left out',
        async (version) => {
          const resource = await createResource(stack());
          const port = await freePort();
          const { id } = await stack().api.createClient({
            client_id: unique('mcp'),
            ...{ token_endpoint_auth_method: 'none', application_type: 'native' },
            ...{ grant_types: ['authorization_code'], response_types: ['code'] },
            redirect_uris: ['http://127.0.0.1/callback'],
            resources: [resource],
            scope: 'things:read',
          });
          const { visitor } = await signedIn(stack());
          const output = path.join(directory, version);
          const run = spawn(process.execPath, [
            conformanceOfMcp,
            ...['authorization', '--url', stack().issuer, '--spec-version', version],
            ...['--client-id', id, '--resource', resource, '--port', String(port)],
            ...['--output-dir', output],
          ]);
          const ended = new Promise((resolve) => void run.once('close', resolve));
          let printed = '';
          for await (const chunk of run.stdout.setEncoding('utf8')) {
            const before = printed;
            printed += chunk;
            const request = /^http\S+\/connect\/authorize\?\S+(?=\n)/m;
            const [url] = request.exec(printed) ?? [];
            if (!url || request.test(before)) continue;
            const { pathname, search } = new URL(url);
            await fetch(await allow(visitor, { path: pathname + search }));
          }
          await ended;
          const checks = checksIn(output);
          expect(checks.map(({ id: check }) => check)).toEqual(
            expect.arrayContaining(['authorization-server-metadata', 'authorization-code-grant']),
          );
          expect(checks.filter(({ status }) => status !== 'SUCCESS')).toEqual([]);
        },
      );

      // The package plays the servers of the extensions to test clients. Here their clients are played, and Writ is tested.
      describe('the extension', () => {
        const redeem = (form: Record<string, string>, client?: Credentials, headers = {}) =>
          stack().post('/connect/token', form, client, headers);
        const outcome = ({ status, body }: Answer) => [status, body.error ?? body.token_type];
        const jwtBearer = { grant_type: grantTypes.jwtBearer };

        test('enterprise-managed authorization: an ID-JAG without a scope, by client_secret_basic, for the resource of the server', async () => {
          const resource = await createResource(stack());
          const resourceServer = await stack().api.createClient({
            resource_server_for: [resource],
          });
          const client = await stack().api.createClient({
            client_id: unique('xaa'),
            grant_types: [grantTypes.jwtBearer],
            resources: [resource],
          });
          const id = unique('idp');
          const iss = `https://${id}.example`;
          const key = await issuerKey();
          const { accountId } = await makePerson(stack());
          await stack().api.call('POST', '/identity-providers', {
            id,
            issuer: iss,
            client_id: 'w',
          });
          const subject = 'demo-user@example.com';
          await stack()
            .database.kysely.insertInto('linked_identity')
            .values({
              provider_id: id,
              issuer: iss,
              subject,
              account_id: accountId,
              email: null,
              username: null,
            })
            .execute();
          await stack().api.call('POST', '/trusted-issuers', {
            ...{ id, issuer: iss, jwks: { keys: [key.jwk] }, uses: ['id_jag'], provider_id: id },
          });
          const grant = (changed: object = {}) =>
            key.sign(
              {
                ...{ iss, sub: subject, aud: stack().issuer, resource, client_id: client.id },
                ...{ iat: now(), exp: now() + 300, jti: unique('jti') },
                ...changed,
              },
              { typ: 'oauth-id-jag+jwt' },
            );
          const answered = await redeem({ ...jwtBearer, assertion: await grant() }, client);
          expect(outcome(answered)).toEqual([200, 'Bearer']);
          const shown = await stack().introspect(answered.body.access_token, resourceServer);
          expect(shown.body).toMatchObject({ active: true, aud: resource, sub: accountId });
          const assertion = await grant();
          expect(outcome(await redeem({ ...jwtBearer, assertion, client_id: client.id }))).toEqual([
            401,
            'invalid_client',
          ]);
          for (const changed of [{ client_id: 'other' }, { aud: 'https://else.example' }])
            expect(
              outcome(await redeem({ ...jwtBearer, assertion: await grant(changed) }, client)),
            ).toEqual([400, 'invalid_grant']);
        });

        test('workload identity federation: the assertion is all that is sent, and each error is the one that clients stop at', async () => {
          const resource = await createResource(stack());
          const client = await stack().api.createClient({
            client_id: unique('workload'),
            token_endpoint_auth_method: 'trusted_issuer',
            resources: [resource],
            scope: 'things:read',
          });
          const id = unique('wif');
          const iss = `https://${id}.example`;
          const key = await issuerKey();
          await stack().api.call('POST', '/trusted-issuers', {
            ...{ id, issuer: iss, jwks: { keys: [key.jwk] } },
            rules: [{ name: 'w', claims: { sub: ['conformance-workload'] }, client: client.id }],
          });
          const workload = (changed: object = {}) =>
            key.sign({
              ...{ iss, sub: 'conformance-workload', aud: stack().issuer },
              ...{ iat: now(), exp: now() + 300, jti: unique('jti') },
              ...changed,
            });
          const send = (assertion: string, form = {}) =>
            redeem({ ...jwtBearer, assertion, resource, ...form });
          expect(outcome(await send(await workload()))).toEqual([200, 'Bearer']);
          expect(outcome(await redeem({ ...jwtBearer, client_id: client.id }))[0]).toBe(401);
          for (const changed of [{ exp: now() - 90 }, { aud: 'https://else.example' }])
            expect(outcome(await send(await workload(changed)))).toEqual([400, 'invalid_grant']);
          const malformed = `${await workload()}x`;
          expect(outcome(await send(malformed))).toEqual([400, 'invalid_grant']);
          expect(outcome(await send(await workload(), { scope: 'wif.rejected' }))).toEqual([
            400,
            'invalid_scope',
          ]);
        });

        test('DPoP: the token is bound to the key of the proof, and a proof counts once', async () => {
          const resource = await createResource(stack());
          const resourceServer = await stack().api.createClient({
            resource_server_for: [resource],
          });
          const client = await stack().api.createClient({ resources: [resource] });
          const dpop = await createDpopKey();
          const DPoP = await dpop.prove('POST', `${stack().issuer}/connect/token`);
          const form = { grant_type: 'client_credentials', resource };
          const answered = await redeem(form, client, { DPoP });
          expect(outcome(answered)).toEqual([200, 'DPoP']);
          const shown = await stack().introspect(answered.body.access_token, resourceServer);
          expect(shown.body).toMatchObject({ token_type: 'DPoP', cnf: { jkt: dpop.jkt } });
          expect((await redeem(form, client, { DPoP })).status).toBe(400);
          const { body } = await stack().get('/.well-known/oauth-authorization-server');
          expect(body.dpop_signing_alg_values_supported).toContain('ES256');
        });
      });
    },
    // With Client ID Metadata Documents, which newer revisions ask for.
    { CLIENT_METADATA_DOCUMENTS: 'open' },
  );
});
