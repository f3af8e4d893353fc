import type { MessageProps } from '../../../views/layout/message.ts';
import type { AuthorizationProblem } from '../../oauth/authorization-problem.ts';
import type { OAuthError } from '../../oauth/errors.ts';

const home = { href: '/', label: 'Go to the start page' };
const account = { href: '/account', label: 'Go to your account' };

/** An error in words for people. `requestId` is shown if the error is the server's own. */
export function problemOf(
  error: OAuthError,
  { requestId, isSignedIn = false }: { requestId?: string; isSignedIn?: boolean } = {},
): MessageProps {
  const problem = describe(error, requestId);
  return isSignedIn && problem.action === home ? { ...problem, action: account } : problem;
}

function describe(error: OAuthError, requestId: string | undefined): MessageProps {
  switch (error.code) {
    case 'not_found':
      return {
        title: 'Page not found',
        text: 'The address may be mistyped, or the page no longer exists.',
        action: home,
      };
    case 'access_denied':
      return { title: 'You are not allowed to do this', text: error.message, action: home };
    case 'method_not_allowed':
      return {
        title: 'This page cannot be opened',
        text: 'This address only accepts a form. Please start again.',
        action: home,
      };
    case 'too_many_requests':
      return { title: 'Too many requests', text: error.message };
    case 'temporarily_unavailable':
      return {
        title: 'Temporarily unavailable',
        text: 'A part of this server is unavailable. Nothing was changed. Please try again in a moment.',
        requestId,
      };
    case 'server_error':
      return {
        title: 'Something went wrong',
        text: 'This is our fault. Please try again.',
        requestId,
      };
    default:
      return { title: 'This did not work', text: error.message, action: home };
  }
}

/** An authorization request that cannot continue: a way back for the person, and the error for developers. */
export function authorizationProblem(
  { error, description, redirectUri, app }: AuthorizationProblem,
  requestId: string,
): MessageProps {
  return {
    title: app ? `${app.name} sent an invalid request` : 'Invalid request',
    text: app
      ? 'Go back to the app and try again. If it happens again, contact the developers of the app.'
      : 'An app sent you here with a request that this server cannot accept. Go back to the app and try again. If it happens again, contact the developers of the app.',
    action: app
      ? { href: app.url, label: `Back to ${app.name} (${placeOf(app.url)})` }
      : { ...home, plain: true },
    developers: { error, description, redirectUri, requestId },
  };
}

/** The host of a site, or the scheme of a program: anyone can choose the name of an app, and not this. */
const placeOf = (url: string): string => new URL(url).host || new URL(url).protocol;

/** A form from before the person signed in or out in another tab. */
export const staleFormProblem = (back: string): MessageProps => ({
  title: 'This page was out of date',
  text: 'You signed in or out in another tab, so nothing was changed. Open the page again and check it.',
  action: { href: back, label: 'Open it again' },
});
