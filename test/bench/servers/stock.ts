// What people have today: oidc-provider as it comes, with everything in Redis and a client whose
// secret stands in the configuration. Its client may introspect whatever it likes, and rotates refresh tokens, of which
// it gets some at the start.
import { writeFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import { createRedisAdapter } from './redis-adapter.ts';

const { PORT, REDIS_URL, CLIENT_ID, CLIENT_SECRET, SCOPE, LOGINS, REFRESH_TOKENS } = process.env;
const month = 30 * 86_400;
const { privateKey } = await generateKeyPair('RS256', { extractable: true });

const provider = new Provider(`http://localhost:${PORT}`, {
  adapter: createRedisAdapter(new Redis(REDIS_URL ?? '')),
  clients: [
    {
      client_id: CLIENT_ID ?? '',
      client_secret: CLIENT_SECRET ?? '',
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: [
        'client_credentials',
        'authorization_code',
        'refresh_token',
        'urn:ietf:params:oauth:grant-type:device_code',
      ],
      response_types: ['code'],
      redirect_uris: ['https://app.test/cb'],
    },
  ],
  scopes: ['openid', 'offline_access', SCOPE ?? ''],
  rotateRefreshToken: true,
  findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig' }] as never },
  cookies: { keys: ['no workload sets a cookie'] },
  ttl: { ClientCredentials: month, AccessToken: month, RefreshToken: month, Grant: month },
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    deviceFlow: { enabled: true },
    devInteractions: { enabled: false },
  },
});
provider.on('server_error', (_ctx, error) => console.error(error));

const scope = `offline_access ${SCOPE}`;
const client = await provider.Client.find(CLIENT_ID ?? '');
if (!client) throw new Error('no client');
const refreshTokens: string[] = [];
for (let login = 0; login < Number(LOGINS); login++) {
  const accountId = `person-${login}`;
  const grant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.addOIDCScope(scope);
  const grantId = await grant.save();
  const given = { client, accountId, grantId, scope, gty: 'authorization_code' };
  refreshTokens.push(await new provider.RefreshToken(given as never).save());
}
writeFileSync(REFRESH_TOKENS ?? '', refreshTokens.join('\n'));

provider.listen(Number(PORT), '127.0.0.1', () => process.send?.('listening'));
