import type { Context } from 'koa';
import type { Brand, Frame, Html } from '../../../views/layout/frame.ts';
import type { Sessions } from '../../domain/accounts/sessions.ts';
import { actingAs } from '../../domain/audit/actor.ts';
import { rememberAccount } from '../../http/access-log.ts';
import { type Form, readForm } from '../../http/form.ts';
import {
  type BrowserSession,
  isFresh,
  type Person,
  resolveBrowserSession,
} from './browser-session.ts';
import type { Cookies } from './cookies.ts';
import { answerPage, frameOf, seeOther } from './page-renderer.ts';
import { type Freshness, signInPath } from './return-to.ts';

/** A form that was made for another visit: in another tab somebody signed in or out meanwhile. */
export class StaleForm extends Error {
  /** Where the form can be had anew. */
  readonly back: string;

  constructor(back: string) {
    super('the form was not made for this visit');
    this.name = 'StaleForm';
    this.back = back;
  }
}

interface ForPerson {
  returnTo: string;
  recent?: Freshness | undefined;
  /** Whom an app expects to sign in. */
  loginHint?: string | undefined;
}

export interface Show {
  status?: number;
  current?: Frame['current'] | undefined;
  notice?: string | undefined;
  /** Where the forms of the page may lead beside this server. */
  formAction?: string | undefined;
  /** It has buttons that copy, and the script for them. */
  copies?: boolean;
  /** Its script calls this server. */
  calls?: boolean;
}

/** What every page needs: who visits, and how to answer them. */
export function createPages({
  brand,
  cookies,
  sessions,
}: {
  brand: Brand;
  cookies: Cookies;
  sessions: Pick<Sessions, 'find'>;
}) {
  const browserSession = (ctx: Context): Promise<BrowserSession> =>
    resolveBrowserSession(ctx, { cookies, sessions });

  const show = (
    ctx: Context,
    visitor: BrowserSession | undefined,
    view: (frame: Frame) => Html,
    { status = 200, current, notice, formAction, copies = false, calls = false }: Show = {},
  ): Promise<void> =>
    answerPage(ctx, view(frameOf(brand, visitor, { current, notice, copies })), status, {
      formAction,
      calls,
    });

  /**
   * Runs a page for somebody who is signed in, acting as them; others sign in first and come back to
   * `returnTo`. `recent` asks for the password again where it was given too long ago, or before a date.
   */
  const forPerson = async (
    ctx: Context,
    { returnTo, recent = false, loginHint }: ForPerson,
    run: (person: Person) => Promise<void>,
  ): Promise<void> => {
    const visitor = await browserSession(ctx);
    const { session, sessionValue } = visitor;
    if (!session || !sessionValue) return seeOther(ctx, signInPath(returnTo, false, { loginHint }));
    if (!isFresh(session, recent)) return seeOther(ctx, signInPath(returnTo, recent));
    rememberAccount(ctx, session.account.id);
    await actingAs({ kind: 'account', id: session.account.id }, () =>
      run({ ...visitor, session, sessionValue }),
    );
  };

  /** As `forPerson`, for a form. Throws StaleForm where the form is not theirs. */
  const forForm = (
    ctx: Context,
    options: { returnTo: (form: Form) => string; recent?: Freshness | undefined },
    run: (person: Person, form: Form) => Promise<void>,
  ): Promise<void> =>
    readForm(ctx).then((form) => {
      const returnTo = options.returnTo(form);
      return forPerson(ctx, { ...options, returnTo }, async (person) => {
        if (!person.isOurs(ctx, form)) throw new StaleForm(returnTo);
        await run(person, form);
      });
    });

  return { browserSession, show, forPerson, forForm };
}

export type Pages = ReturnType<typeof createPages>;
