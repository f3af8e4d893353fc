import { decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { providerLifetimes, providerRequests } from '../../config/identity-providers.ts';
import {
  type IdentityProvider,
  UpstreamError,
  type UpstreamLogout,
} from '../domain/providers/types.ts';
import type { IsFirstUse } from '../domain/short-lived/replay-marks.ts';
import { fromUpstream } from './errors.ts';
import type { OpenedProvider } from './openid.ts';

const event = 'http://schemas.openid.net/event/backchannel-logout';

const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS384', 'RS512'];

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6): as an ID token, with the event, without a nonce, recent,
 * and used once. Throws UpstreamError.
 */
export const verifyLogoutToken = (
  { id, client_id }: IdentityProvider,
  { configuration, keys }: OpenedProvider,
  token: string,
  isFirstUse: IsFirstUse,
): Promise<UpstreamLogout> =>
  fromUpstream('logout token', async () => {
    if (!keys) throw new UpstreamError('invalid', 'the provider names no keys');
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: expectedIssuer(configuration.serverMetadata().issuer, token),
      audience: client_id,
      algorithms,
      maxTokenAge: providerLifetimes.logoutToken,
      clockTolerance: providerRequests.clockTolerance,
      requiredClaims: ['iat', 'jti', 'events'],
    });
    const { typ = 'logout+jwt' } = protectedHeader;
    if (!['logout+jwt', 'jwt'].includes(typ.toLowerCase().replace(/^application\//, '')))
      throw new UpstreamError('invalid', 'its type is not logout+jwt');
    const [subject, sid] = [textIn(payload, 'sub'), textIn(payload, 'sid')];
    if (subject === null && sid === null) throw new UpstreamError('invalid', 'it names no session');
    if ('nonce' in payload) throw new UpstreamError('invalid', 'it has a nonce');
    const { events } = payload;
    if (typeof events !== 'object' || events === null || !(event in events))
      throw new UpstreamError('invalid', 'it has no logout event');
    const until =
      Date.now() / 1000 + providerLifetimes.logoutToken + 2 * providerRequests.clockTolerance;
    if (!(await isFirstUse(`identity provider ${id}`, String(payload.jti), until)))
      throw new UpstreamError('invalid', 'it was used before');
    return { issuer: String(payload.iss), subject, sid };
  });

/** Microsoft Entra for several tenants announces `{tenantid}` in place of the tenant of a token. */
function expectedIssuer(announced: string, token: string): string {
  if (!announced.startsWith('https://login.microsoftonline.com/')) return announced;
  return announced.replace('{tenantid}', String(decodeJwt(token)['tid']));
}

const textIn = (payload: JWTPayload, name: string): string | null => {
  const value = payload[name];
  return typeof value === 'string' && value !== '' ? value : null;
};
