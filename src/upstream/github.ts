/** SIGN-IN WITH GITHUB, which speaks OAuth 2.0 without OpenID Connect: its API says who the person is. */
import * as client from 'openid-client';
import { providerRequests } from '../../config/identity-providers.ts';
import {
  type IdentityProvider,
  UpstreamError,
  type UpstreamIdentity,
} from '../domain/providers/types.ts';
import { fromUpstream } from './errors.ts';
import type { GuardedFetch } from './guarded-fetch.ts';

/** The endpoints of GitHub, or of a GitHub Enterprise Server at this issuer. */
export function openGitHub(
  { issuer, client_id }: IdentityProvider,
  secret: string | undefined,
  fetch: GuardedFetch,
): client.Configuration {
  const at = issuer.replace(/\/$/, '');
  const configuration = new client.Configuration(
    {
      issuer: `${at}/login/oauth`,
      authorization_endpoint: `${at}/login/oauth/authorize`,
      token_endpoint: `${at}/login/oauth/access_token`,
    },
    client_id,
    {},
    client.ClientSecretPost(secret),
  );
  configuration[client.customFetch] = fetch as client.CustomFetch;
  configuration.timeout = providerRequests.timeout / 1000;
  if (issuer.startsWith('http:')) client.allowInsecureRequests(configuration);
  return configuration;
}

const apiOf = ({ issuer }: IdentityProvider): string =>
  new URL(issuer).hostname === 'github.com'
    ? 'https://api.github.com'
    : `${issuer.replace(/\/$/, '')}/api/v3`;

/** Redeems the code of a response, and reads who the person is. Throws UpstreamError. */
export const identifyByGitHub = (
  provider: IdentityProvider,
  configuration: client.Configuration,
  callback: URL,
  checks: client.AuthorizationCodeGrantChecks,
): Promise<UpstreamIdentity> =>
  fromUpstream('sign-in', async () => {
    const { access_token } = await client.authorizationCodeGrant(configuration, callback, checks);
    const read = async (path: string): Promise<unknown> => {
      const response = await client.fetchProtectedResource(
        configuration,
        access_token,
        new URL(`${apiOf(provider)}${path}`),
        'GET',
        undefined,
        new Headers({ accept: 'application/vnd.github+json', 'user-agent': 'Writ' }),
      );
      if (!response.ok)
        throw new UpstreamError(
          response.status >= 500 ? 'unreachable' : 'refused',
          `${path} answered ${response.status}`,
        );
      return response.json();
    };
    const user = (await read('/user')) as Record<string, unknown>;
    const emails = await read('/user/emails');
    if (typeof user['id'] !== 'number') throw new UpstreamError('invalid', '/user has no id');
    const primary = (Array.isArray(emails) ? emails : []).find(
      (each): each is { email: string; verified: boolean } =>
        each?.primary === true && typeof each.email === 'string' && each.email.length <= 320,
    );
    const text = (name: string) => (typeof user[name] === 'string' ? user[name] : null);
    return {
      issuer: provider.issuer,
      // The login can be renamed and taken by another person; the number stays.
      subject: String(user['id']),
      email: primary?.email ?? null,
      emailVerified: primary?.verified === true,
      name: text('name'),
      username: text('login'),
      picture: text('avatar_url'),
      claims: user,
      usedSecondFactor: false,
      sid: null,
      authenticatedAt: null,
    };
  });
