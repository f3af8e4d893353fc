import { afterEach, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../src/crypto/digest.ts';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { expiryOfDeviceCode } from '../../src/domain/tokens/value.ts';
import { grantTypes } from '../../src/oauth/grant-types.ts';
import { postgresDatabase, postgresUrl } from '../support/databases.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { type Installation, install } from './installation.ts';

/** More statements than a redemption has. */
const tooMany = 12;

describe.each([
  ['embedded', true],
  ['Postgres', Boolean(postgresUrl)],
])('on %s', (name, present) => {
  let installation: Installation | undefined;
  afterEach(() => installation?.remove());

  (present ? test : test.skip).each(['before', 'after'])(
    'a device whose redemption died with the server %s any of its statements redeems again, once',
    async (when) => {
      const installed = await install(
        name === 'embedded' ? {} : { DATABASE_URL: await postgresDatabase() },
      );
      installation = installed;
      const { client, accountId } = await installed.behind(async (domain) => {
        const { secret } = await domain.registry.create(serverActor, {
          clientId: 'app',
          metadata: {
            grant_types: [grantTypes.deviceCode, grantTypes.refreshToken],
            token_endpoint_auth_method: 'client_secret_basic',
          },
        });
        const { id } = await domain.accounts.create(serverActor, { name: 'Ada' });
        return { client: { id: 'app', secret: secret?.value ?? '' }, accountId: id };
      });
      const start = () => installed.start({ preload: ['crash-at.ts'] });
      let server = await start();
      const codes: string[] = [];
      for (let step = 0; step < tooMany; step++) {
        const form = { scope: 'openid offline_access' };
        const { body } = await server.post('/connect/deviceauthorization', form, client);
        codes.push(body.device_code);
      }
      await server.stop();
      await installed.behind(async (domain) => {
        for (const code of codes)
          await domain.deviceDecisions.approve({
            id: sha256(code),
            expiresAt: expiryOfDeviceCode(code) ?? 0,
            accountId,
            clientId: client.id,
            device: { userAgent: null, ip: null },
            openIdScope: ['openid', 'offline_access'],
            resources: new Map(),
          });
      });

      const poll = (at: ServerProcess, code: string, crash?: string) =>
        at.post(
          '/connect/token',
          { grant_type: grantTypes.deviceCode, device_code: code },
          client,
          crash ? { 'x-crash': crash } : {},
        );
      server = await start();
      let crashes = 0;
      let redeemed = 0;
      for (const [index, code] of codes.entries()) {
        let answer = await poll(server, code, `${when} ${index + 1}`).catch(() => undefined);
        const died = answer === undefined;
        if (died) {
          expect(await server.exited).toMatchObject({ signal: 'SIGKILL' });
          crashes++;
          server = await start();
          answer = await poll(server, code);
        }
        expect(answer).toMatchObject({ status: 200 });
        redeemed++;
        for (const token of [answer?.body.access_token, answer?.body.refresh_token])
          expect((await server.introspect(token, client)).body.active).toBe(true);
        if (!died) break;
      }
      // The client, the code with its answer, and the redemption; then one that went through.
      expect(crashes).toBeGreaterThanOrEqual(3);
      expect(redeemed).toBe(crashes + 1);

      await server.stop();
      const tokens = await installed.behind((_domain, kysely) =>
        kysely.selectFrom('token').select('kind').where('grant_id', 'is not', null).execute(),
      );
      for (const kind of ['access_token', 'refresh_token'])
        expect(tokens.filter((token) => token.kind === kind)).toHaveLength(redeemed);
    },
    180_000,
  );
});
