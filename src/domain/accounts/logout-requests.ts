import { OAuthError } from '../../oauth/errors.ts';
import { withParameters } from '../../oauth/redirect.ts';
import { type ClientLookup, clientNameOf } from '../clients/lookup.ts';
import { isRegisteredPostLogoutRedirectUri } from '../clients/redirect-uris.ts';

/** The parameters of a logout request (OpenID Connect RP-Initiated Logout 1.0 §2), as far as they are verified. */
export interface LogoutParameters {
  /** From the verified `id_token_hint`, else from `client_id`. */
  clientId?: string | undefined;
  /** `post_logout_redirect_uri`. */
  redirectUri?: string | undefined;
  state?: string | undefined;
}

/** A request to sign out: of a client that sent the person here, or of the person alone. */
export interface LogoutRequest extends LogoutParameters {
  client?: {
    name: string;
    /**
     * A person created it, so a link with its post-logout redirect URI proves nothing: without a sign-out, a person decides
     * to follow it (RFC 9700 §4.11.2).
     */
    isOfPerson: boolean;
  };
  /** Where the person returns after signing out, with `state`. Undefined if they stay here. */
  returnTo?: string;
}

/**
 * Checks requests to sign out. Throws `invalid_request` if the client is unknown or disabled, or has not registered exactly
 * this URI (§3.1). Without a client the URI cannot be checked, so the person stays here.
 */
export const createLogoutRequests =
  ({ clients }: { clients: ClientLookup }) =>
  async ({ clientId, redirectUri, state }: LogoutParameters): Promise<LogoutRequest> => {
    if (clientId === undefined) return {};
    const client = await clients(clientId);
    if (!client) throw new OAuthError('invalid_request', `There is no client ${clientId}.`);
    const { metadata, app, authorId } = client;
    if (redirectUri !== undefined && !isRegisteredPostLogoutRedirectUri(metadata, redirectUri))
      throw new OAuthError(
        'invalid_request',
        `The post_logout_redirect_uri is not registered for the client ${client.clientId}.`,
        { parameter: 'post_logout_redirect_uri' },
      );
    return {
      clientId: client.clientId,
      redirectUri,
      state,
      client: { name: clientNameOf(client), isOfPerson: app !== null || authorId !== null },
      ...(redirectUri !== undefined && {
        returnTo: state === undefined ? redirectUri : withParameters(redirectUri, { state }),
      }),
    };
  };

export type ResolveLogout = ReturnType<typeof createLogoutRequests>;
