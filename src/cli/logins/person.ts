import { urlOf } from '../../oauth/issuer.ts';
import { endpoints } from '../../oauth/paths.ts';
import { clean, request } from '../http.ts';

/** Who a person is (OpenID Connect Core §5.3). */
export interface Person {
  accountId: string | undefined;
  /** The email address, or the name. */
  person: string | undefined;
}

/** The person of an access token; nothing is known if the server does not say. */
export async function personOf(url: string, accessToken: string): Promise<Person> {
  const answer = await request(urlOf(url, endpoints.userinfo), {
    headers: { authorization: `Bearer ${accessToken}` },
  }).catch(() => undefined);
  const claims = Object(answer?.json) as Record<string, unknown>;
  const text = (name: string): string | undefined =>
    typeof claims[name] === 'string' ? clean(claims[name]) : undefined;
  return { accountId: text('sub'), person: text('email') ?? text('name') };
}
