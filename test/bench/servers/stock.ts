// What people have today: oidc-provider as it comes, with everything in Redis and a client whose
// secret stands in the configuration. Its client may introspect whatever it likes.
import { Redis } from 'ioredis';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import { createRedisAdapter } from './redis-adapter.ts';

const { PORT, REDIS_URL, CLIENT_ID, CLIENT_SECRET, SCOPE } = process.env;
const month = 30 * 86_400;
const { privateKey } = await generateKeyPair('RS256', { extractable: true });

const provider = new Provider(`http://localhost:${PORT}`, {
  adapter: createRedisAdapter(new Redis(REDIS_URL ?? '')),
  clients: [
    {
      client_id: CLIENT_ID ?? '',
      client_secret: CLIENT_SECRET ?? '',
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    },
  ],
  scopes: [SCOPE ?? ''],
  jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig' }] as never },
  cookies: { keys: ['no workload sets a cookie'] },
  ttl: { ClientCredentials: month },
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    devInteractions: { enabled: false },
  },
});
provider.on('server_error', (_ctx, error) => console.error(error));
provider.listen(Number(PORT), '127.0.0.1', () => process.send?.('listening'));
