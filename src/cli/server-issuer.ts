import { request } from './http.ts';

export const openIdMetadata = '/.well-known/openid-configuration';

/** The issuer that the server at a URL names (OpenID Connect Discovery §4); undefined if no server does. */
export async function issuerAt(url: string, milliseconds?: number): Promise<string | undefined> {
  const answer = await request(url + openIdMetadata, {}, milliseconds).catch(() => undefined);
  const issuer = Object(answer?.json).issuer;
  return typeof issuer === 'string' && URL.canParse(issuer) ? issuer : undefined;
}
