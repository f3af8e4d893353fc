import { exportJWK, generateKeyPair } from 'jose';
import { type Adapter, type AdapterPayload, type Configuration, Provider } from 'oidc-provider';

/** The calls of an adapter, in order: the method, the model and the id. */
export type Calls = [method: string, model: string, id: string][];

const client = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };

/** An unpatched engine over a store in memory. */
export async function stockProvider(Engine: typeof Provider = Provider) {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const stored = new Map<string, AdapterPayload>();
  const calls: Calls = [];
  const adapter = (model: string): Adapter => {
    const key = (id: string) => `${model} ${id}`;
    const record = (method: string, id: string) => calls.push([method, model, id]);
    return {
      async upsert(id, payload) {
        record('upsert', id);
        stored.set(key(id), payload);
      },
      async find(id) {
        record('find', id);
        return stored.get(key(id));
      },
      async destroy(id) {
        record('destroy', id);
        stored.delete(key(id));
      },
      consume: async () => {},
      findByUserCode: async () => undefined,
      findByUid: async () => undefined,
      revokeByGrantId: async () => {},
    };
  };
  const configuration: Configuration = {
    adapter,
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig' }] },
    cookies: { keys: ['a key of a test'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clients: [
      { ...client, client_id: 'confidential', client_secret: 'the secret of a test' },
      { ...client, client_id: 'public', token_endpoint_auth_method: 'none' },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      resourceIndicators: { enabled: true },
    },
    ttl: {
      AccessToken: 600,
      ClientCredentials: 600,
      RefreshToken: 600,
      DeviceCode: 600,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
    },
  };
  return { provider: new Engine('https://issuer.example', configuration), calls, stored };
}

export type Stock = Awaited<ReturnType<typeof stockProvider>>;
