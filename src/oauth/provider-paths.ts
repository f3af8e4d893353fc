/** The paths of a sign-in at another identity provider, which are registered there. */

const pathOf = (id: string): string => `/sign-in/with/${id}`;

/** Where the button of a provider sends its form. */
export const withProviderPath = pathOf;

/** The redirect URI (RFC 6749 §3.1.2). */
export const callbackPath = (id: string): string => `${pathOf(id)}/callback`;

/** Where the browser returns after signing out there (OpenID Connect RP-Initiated Logout 1.0 §3). */
export const signedOutPath = (id: string): string => `${pathOf(id)}/signed-out`;

/** Where the provider reports that a session has ended (OpenID Connect Back-Channel Logout 1.0 §2.2). */
export const backchannelLogoutPath = (id: string): string => `${pathOf(id)}/backchannel-logout`;
