import { appLimits } from '../../../config/apps.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { requireLogoutUris } from '../clients/logout-uris.ts';
import { requireWebUris } from '../clients/web-uris.ts';
import { type ClientKind, type ClientUrls, hasRedirectUris } from './types.ts';

/** A client without URLs. */
export const noUrls: ClientUrls = {
  postLogoutRedirectUris: [],
  backchannelLogoutUri: null,
  frontchannelLogoutUri: null,
  initiateLoginUri: null,
};

/** The URLs in the metadata of a client (RFC 7591 §2). */
export const urlsIn = (metadata: Record<string, unknown>): ClientUrls => {
  const one = (name: string) => (metadata[name] as string | undefined) ?? null;
  return {
    postLogoutRedirectUris: (metadata['post_logout_redirect_uris'] as string[] | undefined) ?? [],
    backchannelLogoutUri: one('backchannel_logout_uri'),
    frontchannelLogoutUri: one('frontchannel_logout_uri'),
    initiateLoginUri: one('initiate_login_uri'),
  };
};

/** The metadata of URLs; what is empty is absent. */
export const metadataOfUrls = ({
  postLogoutRedirectUris,
  backchannelLogoutUri,
  frontchannelLogoutUri,
  initiateLoginUri,
}: ClientUrls): Record<string, unknown> => ({
  ...(postLogoutRedirectUris.length > 0 && { post_logout_redirect_uris: postLogoutRedirectUris }),
  ...(backchannelLogoutUri !== null && { backchannel_logout_uri: backchannelLogoutUri }),
  ...(frontchannelLogoutUri !== null && { frontchannel_logout_uri: frontchannelLogoutUri }),
  ...(initiateLoginUri !== null && { initiate_login_uri: initiateLoginUri }),
});

/**
 * Validates the URLs of a client of an app, by the rules for all clients. Only those that people sign in to with a browser
 * have any. Throws `invalid_request` and `invalid_client_metadata`.
 */
export function requireClientUrls(
  kind: ClientKind,
  urls: ClientUrls,
  redirectUris: readonly string[],
): void {
  const given = metadataOfUrls(urls);
  const [parameter] = Object.keys(given);
  if (parameter !== undefined && !hasRedirectUris(kind))
    throw new OAuthError(
      'invalid_request',
      `A ${kind} client has no such URL, because people do not sign in to it in a browser.`,
      { parameter },
    );
  if (urls.postLogoutRedirectUris.length > appLimits.redirectUris)
    throw new OAuthError(
      'invalid_request',
      `A client can have at most ${appLimits.redirectUris} post-logout redirect URIs.`,
      { parameter: 'post_logout_redirect_uris' },
    );
  const metadata = {
    ...given,
    redirect_uris: redirectUris,
    application_type: kind === 'native' ? 'native' : 'web',
  };
  requireLogoutUris(metadata);
  requireWebUris(metadata);
}
