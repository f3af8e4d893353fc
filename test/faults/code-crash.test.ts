import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../src/crypto/digest.ts';
import { createKeyring } from '../../src/crypto/sealing.ts';
import type { Domain } from '../../src/domain/index.ts';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { sealEphemeral } from '../../src/domain/short-lived/sealing.ts';
import { expiryOfDeviceCode } from '../../src/domain/tokens/value.ts';
import { grantTypes } from '../../src/oauth/grant-types.ts';
import { postgresDatabase, postgresUrl } from '../support/databases.ts';
import { logIn } from '../support/login.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { type Installation, install } from './installation.ts';

/** More than the number of statements in a redemption. */
const tooMany = 12;

/** A redeemable code, with the form that the client posts. */
type Form = Record<string, string>;

const redirectUri = 'https://app.example.com/cb';
const scope = 'openid offline_access';

/** A person has approved the device. */
async function approve(domain: Domain, code: string, accountId: string): Promise<Form> {
  await domain.deviceDecisions.approve({
    id: sha256(code),
    expiresAt: expiryOfDeviceCode(code) ?? 0,
    accountId,
    clientId: 'app',
    device: { userAgent: null, ip: null },
    openIdScope: ['openid', 'offline_access'],
    resources: new Map(),
  });
  return { grant_type: grantTypes.deviceCode, device_code: code };
}

type Kysely = Parameters<Parameters<Installation['behind']>[0]>[1];

/** An authorization code as it is stored after a person has allowed the request. */
async function mintCode(installed: Installation, domain: Domain, kysely: Kysely): Promise<Form> {
  const { accountId, grantId } = await logIn({ domain }, 'app', { scope });
  const [code, verifier] = [randomBytes(32), randomBytes(32)].map((b) => b.toString('base64url'));
  const now = Math.floor(Date.now() / 1000);
  const id = sha256(code ?? '');
  const sealed = sealEphemeral(
    createKeyring([installed.env['SECRET_KEYS'] ?? '']),
    'AuthorizationCode',
    id,
    {
      kind: 'AuthorizationCode',
      jti: code,
      iat: now,
      exp: now + 600,
      clientId: 'app',
      accountId,
      grantId,
      scope,
      redirectUri,
      codeChallenge: sha256(verifier ?? '').toString('base64url'),
      codeChallengeMethod: 'S256',
    },
  );
  const expires_at = new Date(Date.now() + 600_000);
  await kysely
    .insertInto('artifact')
    .values({ kind: 'AuthorizationCode', id, sealed, expires_at, grant_id: grantId })
    .execute();
  return {
    grant_type: grantTypes.authorizationCode,
    code: code ?? '',
    code_verifier: verifier ?? '',
    redirect_uri: redirectUri,
  };
}

// The embedded database is slow to start, so the process only dies after each statement: it is written but not
// confirmed. Before a statement nothing is written on either store.
describe.each([
  { name: 'embedded', present: true, moments: ['after'] },
  { name: 'Postgres', present: Boolean(postgresUrl), moments: ['before', 'after'] },
])('on $name', ({ name, present, moments }) => {
  let installation: Installation | undefined;
  afterEach(() => installation?.remove());

  (present ? test : test.skip).each(moments)(
    'a code or device code can be redeemed again, once, if the server died %s any statement of its redemption',
    async (when) => {
      const installed = await install(
        name === 'embedded' ? {} : { DATABASE_URL: await postgresDatabase() },
      );
      installation = installed;
      const client = await installed.behind(async (domain) => {
        const { secret } = await domain.registry.create(serverActor, {
          clientId: 'app',
          metadata: {
            grant_types: [
              grantTypes.deviceCode,
              grantTypes.authorizationCode,
              grantTypes.refreshToken,
            ],
            response_types: ['code'],
            redirect_uris: [redirectUri],
            token_endpoint_auth_method: 'client_secret_basic',
          },
        });
        return { id: 'app', secret: secret?.value ?? '' };
      });
      const start = () => installed.start({ preload: ['crash-at.ts'] });
      let server = await start();
      const deviceCodes: string[] = [];
      for (let step = 0; step < tooMany; step++) {
        const { body } = await server.post('/connect/deviceauthorization', { scope }, client);
        deviceCodes.push(body.device_code);
      }
      await server.stop();
      const redeemables = await installed.behind(async (domain, kysely) => {
        const { id } = await domain.accounts.create(serverActor, { name: 'Ada' });
        const devices: Form[] = [];
        const codes: Form[] = [];
        for (const code of deviceCodes) {
          devices.push(await approve(domain, code, id));
          codes.push(await mintCode(installed, domain, kysely));
        }
        await kysely.deleteFrom('token').execute();
        // The stores are what differs, and device codes cover both.
        return name === 'embedded' ? { devices } : { devices, codes };
      });

      const redeem = (at: ServerProcess, form: Form, crash?: string) =>
        at.post('/connect/token', form, client, crash ? { 'x-crash': crash } : {});
      server = await start();
      let redeemed = 0;
      for (const forms of Object.values(redeemables)) {
        let crashes = 0;
        for (const [index, form] of forms.entries()) {
          let answer = await redeem(server, form, `${when} ${index + 1}`).catch(() => undefined);
          const died = answer === undefined;
          if (died) {
            expect(await server.exited).toMatchObject({ signal: 'SIGKILL' });
            crashes++;
            server = await start();
            answer = await redeem(server, form);
          }
          expect(answer).toMatchObject({ status: 200 });
          redeemed++;
          for (const token of [answer?.body.access_token, answer?.body.refresh_token])
            expect((await server.introspect(token, client)).body.active).toBe(true);
          if (!died) break;
        }
        // Client, code with its result, and redemption; then one that succeeded.
        expect(crashes).toBeGreaterThanOrEqual(3);
      }

      await server.stop();
      const tokens = await installed.behind((_domain, kysely) =>
        kysely.selectFrom('token').select('kind').where('grant_id', 'is not', null).execute(),
      );
      for (const kind of ['access_token', 'refresh_token'])
        expect(tokens.filter((token) => token.kind === kind)).toHaveLength(redeemed);
    },
  );
});
