import type { Context } from 'koa';
import { equal, sha256 } from '../../crypto/digest.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../../crypto/random.ts';
import type { Session, Sessions } from '../../domain/accounts/sessions.ts';
import type { Form } from '../../http/form.ts';
import type { Cookies } from './cookies.ts';
import type { Freshness } from './return-to.ts';

/** Who looks at a page, and what proves that a form came from one of ours. */
export interface BrowserSession {
  session: Session | undefined;
  /** The cookie of the session. */
  sessionValue: string | undefined;
  /** Goes into each form: a page of another site cannot know it. */
  csrf: string;
  /** Whether a form was made for this person in this browser. With `anyone`, also one from before they signed in. */
  isOurs(ctx: Context, form: Form, anyone?: 'anyone'): boolean;
}

/** A visitor who is signed in. */
export interface Person extends BrowserSession {
  session: Session;
  sessionValue: string;
}

const csrfOf = (secret: string): string => sha256(`csrf ${secret}`).toString('base64url');

/**
 * Finds out who visits. Forms of who is signed in are bound to the session, so that one from before
 * another sign-in is not taken for the new person's; others to the cookie `csrf`.
 */
export async function resolveBrowserSession(
  ctx: Context,
  { cookies, sessions }: { cookies: Cookies; sessions: Pick<Sessions, 'find'> },
): Promise<BrowserSession> {
  const presented = cookies.get(ctx, 'session');
  const session = presented ? await sessions.find(presented) : undefined;
  const sessionValue = session ? presented : undefined;
  let secret = cookies.get(ctx, 'csrf');
  if (!secret && !sessionValue) {
    secret = randomAlphanumeric(lengthOf256Bits);
    cookies.set(ctx, 'csrf', secret);
  }
  return {
    session,
    sessionValue,
    csrf: csrfOf(sessionValue ?? secret ?? ''),
    isOurs(asked, form, anyone) {
      const site = asked.get('sec-fetch-site');
      if (site && site !== 'same-origin') return false;
      const secrets = anyone ? [sessionValue, secret] : [sessionValue ?? secret];
      return secrets.some((each) => each && isSame(form['csrf'] ?? '', csrfOf(each)));
    },
  };
}

/** Whether a sign-in is as fresh as it has to be. */
export const isFresh = (session: Session, freshness: Freshness): boolean =>
  freshness instanceof Date ? session.signedInAt >= freshness : !freshness || session.recent;

const isSame = (given: string, expected: string): boolean =>
  equal(Buffer.from(given), Buffer.from(expected));
