import { beforeAll, describe, expect, test } from '@jest/globals';
import { personalClientId } from '../../../config/clients.ts';
import { namedTokenKinds } from '../../../src/domain/tokens/value.ts';
import { grantTypes } from '../../../src/oauth/grant-types.ts';
import type { Credentials } from '../../support/http.ts';
import { makeNamedToken } from '../../support/named-tokens.ts';
import { makeParties } from '../../support/parties.ts';
import { makePerson } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
import { assertionType } from '../token/support.ts';
import { expectRefusal, form, leavesNoTrace, send } from './support.ts';

/** Named tokens give access to resources and have no use in the protocol: they cannot be exchanged for anything. */
onStack((stack) => {
  describe.each(namedTokenKinds)('a value of the kind %s', (kind) => {
    let value: string;
    let client: Credentials;
    let resourceServer: Credentials;
    beforeAll(async () => {
      const parties = await makeParties(stack());
      resourceServer = parties.resourceServer;
      // It owns the token, and can use every grant but the one for exchanging tokens.
      client = await stack().api.createClient({
        grant_types: Object.values(grantTypes).filter((type) => type !== grantTypes.tokenExchange),
        response_types: ['code'],
        redirect_uris: ['https://app.test/cb'],
        resources: [parties.resource],
      });
      const isPersonal = kind === 'personal_access_token';
      const made = await makeNamedToken(stack(), {
        kind,
        clientId: isPersonal ? personalClientId : client.id,
        accountId: isPersonal ? (await makePerson(stack())).accountId : undefined,
        name: 'a name',
        scope: kind === 'api_key' ? ['tokens:read'] : ['things:read', 'openid', 'offline_access'],
        resource: kind === 'api_key' ? stack().apiResource : parties.resource,
      });
      value = made.value;
    });

    const post = (path: string, parameters: Record<string, string>) =>
      send(stack(), {
        path,
        headers: form,
        body: new URLSearchParams({
          client_id: client.id,
          client_secret: client.secret,
          ...parameters,
        }).toString(),
      });

    test.each<[string, string, (value: string) => Record<string, string>]>([
      [
        'a refresh token',
        'invalid_grant',
        (refresh_token) => ({ grant_type: grantTypes.refreshToken, refresh_token }),
      ],
      [
        'an authorization code',
        'invalid_grant',
        (code) => ({
          grant_type: grantTypes.authorizationCode,
          code,
          redirect_uri: 'https://app.test/cb',
          code_verifier: 'v'.concat('erifier'.repeat(8)),
        }),
      ],
      [
        'a device code',
        'invalid_grant',
        (device_code) => ({ grant_type: grantTypes.deviceCode, device_code }),
      ],
      [
        'an assertion',
        'invalid_grant',
        (assertion) => ({
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion,
        }),
      ],
      [
        'the subject of an exchange',
        'unauthorized_client',
        (subject_token) => ({
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        }),
      ],
      [
        'the secret of its client',
        'invalid_client',
        (client_secret) => ({ grant_type: grantTypes.clientCredentials, client_secret }),
      ],
      [
        'the assertion of its client',
        'invalid_client',
        (client_assertion) => ({
          grant_type: grantTypes.clientCredentials,
          client_secret: '',
          client_assertion,
          client_assertion_type: assertionType,
        }),
      ],
    ])('cannot be used as %s', async (_what, error, parameters) => {
      await leavesNoTrace(stack(), async () => {
        const answer = await post('/connect/token', parameters(value));
        expectRefusal(answer);
        expect(JSON.parse(answer.text)).toMatchObject({ error });
      });
    });

    test('is not accepted at userinfo, however it is sent', async () => {
      const path = '/connect/userinfo';
      const authorization = `Bearer ${value}`;
      await leavesNoTrace(stack(), async () => {
        for (const request of [
          { method: 'GET', path, headers: { authorization } },
          { method: 'POST', path, headers: { authorization } },
          {
            method: 'POST',
            path,
            headers: form,
            body: new URLSearchParams({ access_token: value }).toString(),
          },
        ]) {
          const answer = await send(stack(), request);
          expectRefusal(answer);
          expect({ status: answer.status, ...JSON.parse(answer.text) }).toMatchObject({
            status: 401,
            error: 'invalid_token',
          });
        }
      });
    });

    test('is not accepted as a hint, request or code', async () => {
      const asked = (parameters: Record<string, string>) =>
        new URLSearchParams({
          client_id: client.id,
          response_type: 'code',
          redirect_uri: 'https://app.test/cb',
          scope: 'openid',
          code_challenge: 'c'.concat('hallenge'.repeat(6)).slice(0, 43),
          code_challenge_method: 'S256',
          ...parameters,
        });
      const statuses: number[] = [];
      for (const parameters of [
        { id_token_hint: value, prompt: 'none' },
        { request_uri: value },
        { request: value },
      ]) {
        const query = asked(parameters);
        statuses.push(
          (await send(stack(), { method: 'GET', path: `/connect/authorize?${query}` })).status,
        );
        statuses.push((await post('/connect/par', Object.fromEntries(query))).status);
      }
      for (const path of [`/device?user_code=${value}`, `/invitation/${value}`])
        statuses.push((await send(stack(), { method: 'GET', path })).status);
      for (const path of ['/connect/register', '/connect/endsession'])
        statuses.push(
          (
            await send(stack(), {
              path,
              headers: { ...form, authorization: `Bearer ${value}` },
              body: new URLSearchParams({ id_token_hint: value }).toString(),
            })
          ).status,
        );
      expect(statuses.filter((status) => status >= 500)).toEqual([]);
    });

    test('is still valid after all that', async () => {
      if (kind === 'api_key') {
        const { status } = await stack().get('/api/v1/tokens', {
          authorization: `Bearer ${value}`,
        });
        expect(status).not.toBe(401);
      } else
        expect((await stack().introspect(value, resourceServer)).body).toMatchObject({
          active: true,
        });
    });
  });
});
