import { OAuthError } from '../../oauth/errors.ts';
import { withParameters } from '../../oauth/redirect.ts';
import { type ClientLookup, clientNameOf } from '../clients/lookup.ts';
import { isRegisteredPostLogoutRedirectUri } from '../clients/redirect-uris.ts';
import type { SubjectFor } from '../clients/subjects.ts';
import { sidOf } from './session-ids.ts';
import type { Session } from './sessions.ts';

/** The parameters of a logout request (OpenID Connect RP-Initiated Logout 1.0 §2), as far as they are verified. */
export interface LogoutParameters {
  /** From the verified `id_token_hint`, else from `client_id`. */
  clientId?: string | undefined;
  /** `post_logout_redirect_uri`. */
  redirectUri?: string | undefined;
  state?: string | undefined;
  /** `logout_hint`: an email address, the ID of a person, or a `sid`. */
  hint?: string | undefined;
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
  /** Whether the hint names another account than that of a session, which is then asked. Absent without a hint. */
  isForAnother?: (session: Pick<Session, 'id' | 'account'>) => boolean;
}

/**
 * Checks requests to sign out. Throws `invalid_request` if the client is unknown or disabled, or has not registered exactly
 * this URI (§3.1). Without a client the URI cannot be checked, so the person stays here.
 */
export const createLogoutRequests =
  ({ clients, subjectFor }: { clients: ClientLookup; subjectFor: SubjectFor }) =>
  async ({ clientId, redirectUri, state, hint }: LogoutParameters): Promise<LogoutRequest> => {
    if (clientId === undefined)
      return hint === undefined
        ? {}
        : { isForAnother: ({ account }) => !isNamed(hint, account.email, account.id) };
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
      ...(hint !== undefined && {
        isForAnother: ({ id, account }) =>
          !isNamed(
            hint,
            account.email,
            subjectFor(metadata, account.id),
            sidOf(id, client.clientId),
          ),
      }),
    };
  };

/** Whether a hint is this email address, in any case, or one of these IDs. */
const isNamed = (hint: string, email: string | null, ...ids: string[]): boolean =>
  hint.toLowerCase() === email?.toLowerCase() || ids.includes(hint);

export type ResolveLogout = ReturnType<typeof createLogoutRequests>;
