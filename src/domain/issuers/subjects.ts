/** WHO THE SUBJECT OF A TRUSTED ISSUER IS HERE: the account that has connected this identity, or gets one by the provider's rules. */
import type { Identities } from '../providers/identities.ts';
import type { Providers } from '../providers/providers.ts';
import { type IssuedToken, IssuedTokenRefusal } from './types.ts';

/** The ID of the account of a token's subject. Throws IssuedTokenRefusal. */
export type AccountOfSubject = (
  issued: Pick<IssuedToken, 'issuer' | 'subject' | 'claims'>,
) => Promise<string>;

export function createAccountOfSubject({
  providers,
  identities,
}: {
  providers: Pick<Providers, 'find'>;
  identities: Pick<Identities, 'accountOf' | 'signIn'>;
}): AccountOfSubject {
  return async ({ issuer, subject, claims }) => {
    const provider =
      issuer.provider_id === null ? undefined : await providers.find(issuer.provider_id);
    if (!provider?.enabled)
      throw new IssuedTokenRefusal(`${issuer.id} names no identity provider that is enabled.`, {
        sentence: 'The people of this issuer have no accounts here.',
      });
    // The claims of a token are no sign-in: they change nothing about a person who is known here.
    const known = await identities.accountOf(provider, { issuer: issuer.issuer, subject });
    if (known !== undefined) return known;
    const text = (name: string): string | null => {
      const value = claims[name];
      return typeof value === 'string' && value !== '' && value.length <= 320 ? value : null;
    };
    const found = await identities.signIn(provider, {
      issuer: issuer.issuer,
      subject,
      email: text('email'),
      emailVerified: claims['email_verified'] === true && text('email') !== null,
      name: text('name'),
      username: text('preferred_username'),
      picture: null,
      claims,
      usedSecondFactor: false,
      sid: null,
      authenticatedAt: null,
    });
    if ('accountId' in found) return found.accountId;
    throw new IssuedTokenRefusal(
      found.outcome === 'disabled'
        ? 'The account of the person is disabled.'
        : `The person has no account here, and gets none: ${found.reason.replaceAll('_', ' ')}.`,
      { sentence: 'The person has no account here that the token could be for.' },
    );
  };
}
