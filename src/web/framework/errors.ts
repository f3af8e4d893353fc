import type { OAuthError } from '../../oauth/errors.ts';

/** What a page says where it cannot do what was asked, in words for people. */
export interface Problem {
  title: string;
  text: string;
  action?: { href: string; label: string };
  requestId?: string;
}

const home = { href: '/', label: 'Go to the start page' };

/** The words for an error. `requestId` is shown where it is our own fault. */
export function problemOf(error: OAuthError, requestId?: string): Problem {
  switch (error.code) {
    case 'not_found':
      return {
        title: 'There is nothing here',
        text: 'The address may be mistyped, or what was here is gone.',
        action: home,
      };
    case 'access_denied':
      return { title: 'You may not do this', text: error.message, action: home };
    case 'method_not_allowed':
      return {
        title: 'There is nothing to see here',
        text: 'This address only takes what a form sends. Please begin again.',
        action: home,
      };
    case 'too_many_requests':
      return { title: 'Too many requests', text: error.message };
    case 'temporarily_unavailable':
      return {
        title: 'Not possible right now',
        text: 'A part of this server cannot be reached. Nothing was done. Please try again in a moment.',
        ...(requestId && { requestId }),
      };
    case 'server_error':
      return {
        title: 'Something went wrong on our side',
        text: 'Please try again. If it happens once more, tell an administrator of this server, with the number below.',
        ...(requestId && { requestId }),
      };
    default:
      return {
        title: 'That did not work',
        text: error.message,
        action: home,
      };
  }
}
