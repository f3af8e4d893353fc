/**
 * OTHER IDENTITY PROVIDERS: all that speaks to them. What an identity means here is decided in `domain/providers`. A provider is
 * an OpenID Provider, or GitHub.
 */
import * as client from 'openid-client';
import { providerLimits, providerRequests } from '../../config/identity-providers.ts';
import type { Providers } from '../domain/providers/providers.ts';
import type { IdentityProvider, Upstream, UpstreamChecks } from '../domain/providers/types.ts';
import type { IsFirstUse } from '../domain/short-lived/replay-marks.ts';
import { urlOf } from '../oauth/issuer.ts';
import { callbackPath, signedOutPath } from '../oauth/provider-paths.ts';
import { fromUpstream } from './errors.ts';
import { identifyByGitHub, openGitHub } from './github.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { verifyLogoutToken } from './logout-tokens.ts';
import { findingsOf, identifyByOpenId, type OpenedProvider, openProvider } from './openid.ts';

interface Dependencies {
  issuer: string;
  secretOf: Providers['secretOf'];
  isFirstUse: IsFirstUse;
}

interface Opened {
  at: number;
  provider: Promise<OpenedProvider>;
}

/** Creates the connections to providers. Discovery documents and keys are kept for each process. */
export function createUpstream({ issuer, secretOf, isFirstUse }: Dependencies): Upstream {
  const fetchFor = ({ private_network: allowPrivate }: IdentityProvider) =>
    createGuardedFetch({ allowPrivate, ...providerRequests });

  const opened = new Map<string, Opened>();

  /** Opens a provider, once for simultaneous callers. Another version of its settings is another entry; a failure is none. */
  const open = (provider: IdentityProvider): Promise<OpenedProvider> => {
    const key = `${provider.id} ${provider.updated_at.getTime()} ${provider.created_at.getTime()}`;
    const known = opened.get(key);
    const age = providerRequests.discoveryAge * 1000;
    if (known && performance.now() - known.at < age) return known.provider;
    const opening = secretOf(provider.id).then((secret) =>
      openProvider(provider, secret, fetchFor(provider)),
    );
    opened.delete(key);
    opened.set(key, { at: performance.now(), provider: opening });
    for (const oldest of opened.keys()) {
      if (opened.size <= 2 * providerLimits.providers) break;
      opened.delete(oldest);
    }
    opening.catch(() => {
      if (opened.get(key)?.provider === opening) opened.delete(key);
    });
    return opening;
  };

  const configurationOf = async (provider: IdentityProvider): Promise<client.Configuration> =>
    provider.kind === 'github'
      ? openGitHub(provider, await secretOf(provider.id), fetchFor(provider))
      : (await open(provider)).configuration;

  const callbackOf = (provider: IdentityProvider): string =>
    urlOf(issuer, callbackPath(provider.id));

  const isOpenId = ({ kind }: IdentityProvider): boolean => kind === 'oidc';

  return {
    begin: (provider, checks, { loginHint, again }) =>
      fromUpstream('authorization request', async () => {
        const configuration = await configurationOf(provider);
        const { href } = client.buildAuthorizationUrl(configuration, {
          redirect_uri: callbackOf(provider),
          scope: provider.scopes.join(' '),
          state: checks.state,
          code_challenge: await client.calculatePKCECodeChallenge(checks.codeVerifier),
          code_challenge_method: 'S256',
          ...(isOpenId(provider) && { nonce: checks.nonce }),
          ...(isOpenId(provider) && again && { prompt: 'login' }),
          ...(loginHint && { [isOpenId(provider) ? 'login_hint' : 'login']: loginHint }),
        });
        return href;
      }),

    finish: async (provider, { state, nonce, codeVerifier }: UpstreamChecks, query) => {
      const callback = new URL(`${callbackOf(provider)}?${query}`);
      const checks = { expectedState: state, pkceCodeVerifier: codeVerifier };
      if (provider.kind === 'github')
        return identifyByGitHub(provider, await configurationOf(provider), callback, checks);
      return identifyByOpenId(provider, await open(provider), callback, {
        ...checks,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
    },

    signOutUrl: async (provider, hint) => {
      if (!isOpenId(provider)) return undefined;
      const { configuration } = await open(provider);
      if (!configuration.serverMetadata().end_session_endpoint) return undefined;
      return fromUpstream(
        'sign-out',
        async () =>
          client.buildEndSessionUrl(configuration, {
            post_logout_redirect_uri: urlOf(issuer, signedOutPath(provider.id)),
            ...(hint && { logout_hint: hint }),
          }).href,
      );
    },

    verifyLogout: async (provider, token) =>
      verifyLogoutToken(provider, await open(provider), token, isFirstUse),

    async check(provider) {
      const secret = await secretOf(provider.id);
      if (provider.kind === 'github') {
        const configuration = openGitHub(provider, secret, fetchFor(provider));
        const { authorization_endpoint: page = '' } = configuration.serverMetadata();
        await fromUpstream('request', () => fetchFor(provider)(page, { method: 'HEAD' }));
        return [{ status: 'ok', message: `${provider.issuer} answers.` }];
      }
      return findingsOf(provider, await openProvider(provider, secret, fetchFor(provider)));
    },
  };
}
