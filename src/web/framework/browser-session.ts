import type { Context } from 'koa';
import { equal, sha256 } from '../../crypto/digest.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../../crypto/random.ts';
import type { SessionUse } from '../../domain/accounts/session-use.ts';
import type { Session, Sessions } from '../../domain/accounts/sessions.ts';
import type { Form } from '../../http/form.ts';
import { userAgentOf } from '../../http/text.ts';
import type { Cookies } from './cookies.ts';
import type { Freshness } from './return-to.ts';

/** The visitor of a page, and the proof that a form came from one of our pages. */
export interface BrowserSession {
  session: Session | undefined;
  /** The value of the session cookie. */
  sessionValue: string | undefined;
  /** Part of every form: a page of another site cannot know it. */
  csrf: string;
  /** Whether a form was created for this person in this browser. With `anyone`, also before they signed in. */
  isOurs(ctx: Context, form: Form, anyone?: 'anyone'): boolean;
}

/** A visitor with a session. */
export interface Person extends BrowserSession {
  session: Session;
  sessionValue: string;
}

/** Where a request uses its session. */
export const useOf = (ctx: Context): SessionUse => ({ ip: ctx.ip, userAgent: userAgentOf(ctx) });

const csrfOf = (secret: string): string => sha256(`csrf ${secret}`).toString('base64url');

/**
 * Finds the session of a visitor. Forms of a signed-in person are bound to the session, so a form from before another
 * sign-in is not taken for the new person's; other forms are bound to the cookie `csrf`.
 */
export async function resolveBrowserSession(
  ctx: Context,
  { cookies, sessions }: { cookies: Cookies; sessions: Pick<Sessions, 'find'> },
): Promise<BrowserSession> {
  const presented = cookies.get(ctx, 'session');
  const session = presented ? await sessions.find(presented, useOf(ctx)) : undefined;
  const sessionValue = session ? presented : undefined;
  const secret = sessionValue ? cookies.get(ctx, 'csrf') : secretOfBrowser(ctx, cookies);
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

/** A person whose session got a new value during the request: forms of the response are bound to it. */
export const withSession = (person: Person, sessionValue: string): Person => ({
  ...person,
  sessionValue,
  csrf: csrfOf(sessionValue),
});

/** The secret of the cookie `csrf`, which is created if the browser has none. */
export function secretOfBrowser(ctx: Context, cookies: Cookies): string {
  const present = cookies.get(ctx, 'csrf') ?? created.get(ctx);
  if (present) return present;
  const secret = randomAlphanumeric(lengthOf256Bits);
  cookies.set(ctx, 'csrf', secret);
  created.set(ctx, secret);
  return secret;
}

/** The secrets that responses set, which their requests did not have yet. */
const created = new WeakMap<Context, string>();

/** Whether the sign-in of a session is recent enough. */
export const isFresh = (session: Session, freshness: Freshness): boolean =>
  freshness instanceof Date ? session.signedInAt >= freshness : !freshness || session.recent;

const isSame = (given: string, expected: string): boolean =>
  equal(Buffer.from(given), Buffer.from(expected));
