import { LimitReached } from '../domain/limits.ts';
import { OAuthError } from '../oauth/errors.ts';
import { waitingTime } from './waiting-time.ts';

/** What a page says where it cannot do what was asked, in words for people. */
export interface Problem {
  title: string;
  text: string;
  action?: { href: string; label: string };
  requestId?: string;
}

const home = { href: '/', label: 'Go to the start page' };

/** The words for an error. `requestId` is shown where it is our own fault. */
export function problemOf(error: unknown, requestId?: string): Problem {
  if (error instanceof LimitReached)
    return {
      title: 'That was too often',
      text: `Please try again in ${waitingTime(error.retryAfter)}.`,
    };
  const code = error instanceof OAuthError ? error.code : 'server_error';
  switch (code) {
    case 'not_found':
      return {
        title: 'There is nothing here',
        text: 'The address may be mistyped, or what was here is gone.',
        action: home,
      };
    case 'method_not_allowed':
      return {
        title: 'There is nothing to see here',
        text: 'This address only takes what a form sends. Please begin again.',
        action: home,
      };
    case 'temporarily_unavailable':
      return {
        title: 'Not possible right now',
        text: 'A part of this server cannot be reached. Nothing was done. Please try again in a moment.',
        ...(requestId && { requestId }),
      };
    case 'server_error':
      return {
        title: 'Something went wrong on our side',
        text: 'Please try again. If it happens once more, tell whoever runs this server, with the number below.',
        ...(requestId && { requestId }),
      };
    default:
      return {
        title: 'That did not work',
        text: (error as OAuthError).message,
        action: home,
      };
  }
}
