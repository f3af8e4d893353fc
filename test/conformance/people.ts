import { randomBytes } from 'node:crypto';
import { sha256 } from '../../src/crypto/digest.ts';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { parseToken } from '../../src/domain/tokens/value.ts';
import { grantTypes } from '../../src/oauth/grant-types.ts';
import { type Login, logIn } from '../support/login.ts';
import { unique } from '../support/stacks.ts';
import type { Stores } from './stores.ts';

export interface Redeemable {
  /** The name of the engine's model, and the value that is redeemed. */
  kind: string;
  value: string;
  login: Login;
  /** Redeems it at the token endpoint. */
  redeem: () => ReturnType<Stores['post']>;
}

const redirectUri = 'http://127.0.0.1/cb';
const scope = 'openid offline_access';

/** A person who has approved a public client. */
export async function someone(stores: Stores): Promise<Login & { clientId: string }> {
  const clientId = unique('client');
  await stores.domain.registry.create(serverActor, {
    clientId,
    metadata: {
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      grant_types: [grantTypes.authorizationCode, grantTypes.refreshToken, grantTypes.deviceCode],
      response_types: ['code'],
      redirect_uris: [redirectUri],
    },
  });
  return { clientId, ...(await logIn(stores, clientId, { scope })) };
}

/** Everything that can be redeemed once, each by the person's own client. */
export const redeemables = {
  async AuthorizationCode(stores: Stores): Promise<Redeemable> {
    const login = await someone(stores);
    const verifier = randomBytes(32).toString('base64url');
    const value = await new stores.provider.AuthorizationCode({
      ...(await common(stores, login)),
      redirectUri,
      codeChallenge: sha256(verifier).toString('base64url'),
      codeChallengeMethod: 'S256',
    } as never).save();
    return redeemable(stores, 'AuthorizationCode', value, login, {
      grant_type: grantTypes.authorizationCode,
      code: value,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    });
  },

  async DeviceCode(stores: Stores): Promise<Redeemable> {
    const { clientId, ...person } = await someone(stores);
    const form = { client_id: clientId, scope };
    const { body } = await stores.post('/connect/deviceauthorization', form);
    const value = body.device_code;
    await stores.deviceRequests.approve(body.user_code, { id: person.accountId, roles: [] });
    const { decision } = await stores.domain.deviceDecisions.find(sha256(value));
    const login = { ...person, clientId, grantId: decision?.grantId ?? '' };
    return redeemable(stores, 'DeviceCode', value, login, {
      grant_type: grantTypes.deviceCode,
      device_code: value,
    });
  },

  async RefreshToken(stores: Stores): Promise<Redeemable> {
    const login = await someone(stores);
    return redeemable(stores, 'RefreshToken', login.refreshToken, login, {
      grant_type: grantTypes.refreshToken,
      refresh_token: login.refreshToken,
    });
  },
};

/** The current state of a token in Postgres. */
export const stateOf = ({ domain }: Stores, value: string) => {
  const token = parseToken(value);
  return token && domain.lookup(token.id);
};

const common = async (
  { provider }: Stores,
  { clientId, ...login }: Login & { clientId: string },
) => ({
  client: await provider.Client.find(clientId),
  accountId: login.accountId,
  grantId: login.grantId,
  scope,
});

const redeemable = (
  { post }: Stores,
  kind: string,
  value: string,
  login: Login & { clientId: string },
  form: Record<string, string>,
): Redeemable => ({
  kind,
  value,
  login,
  redeem: () => post('/connect/token', { ...form, client_id: login.clientId }),
});
