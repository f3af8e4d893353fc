import type { Context } from 'koa';
import type { Brand, Frame, Html } from '../../../views/layout/frame.ts';
import type { Messages } from '../../../views/messages/index.ts';
import type { Sessions } from '../../domain/accounts/sessions.ts';
import { actingAs } from '../../domain/audit/actor.ts';
import { rememberAccount } from '../../http/access-log.ts';
import type { HasConsole } from '../../http/console-port.ts';
import { type Form, readForm } from '../../http/form.ts';
import {
  type BrowserSession,
  isFresh,
  type Person,
  resolveBrowserSession,
} from './browser-session.ts';
import type { Cookies } from './cookies.ts';
import { inEnglish, type Speak } from './language.ts';
import { answerPage, frameOf, type Policy, seeOther } from './page-renderer.ts';
import { pageOfMissingProof } from './proof.ts';
import { type Freshness, registerPath, signInPath } from './return-to.ts';

/** A form from before the person signed in or out in another tab. */
export class StaleForm extends Error {
  /** The page with a new form. */
  readonly back: string;

  constructor(back: string) {
    super('the form was not created for this visit');
    this.name = 'StaleForm';
    this.back = back;
  }
}

interface ForPerson {
  returnTo: string;
  recent?: Freshness | undefined;
  /** As in `RequiredProof`, if `recent` is a date. */
  recentFactor?: boolean | undefined;
  /** The email address that an app expects. */
  loginHint?: string | undefined;
  /** Whether people without a sign-in that is recent enough are asked to create an account. */
  registers?: boolean | undefined;
}

export interface Show {
  status?: number;
  current?: Frame['current'] | undefined;
  notice?: string | undefined;
  formAction?: Policy['formAction'];
  /** The sources of its frames, besides which it has none. */
  frames?: readonly string[];
  /** The page has buttons that copy, and their script. */
  copies?: boolean;
  /** Its script calls this server. */
  calls?: boolean;
  /** As in `Policy`. */
  isPicture?: boolean;
  inlineStyle?: boolean;
}

/** What every page needs: the visitor, and a way to answer. */
export function createPages({
  brand,
  cookies,
  sessions,
  speak = inEnglish,
  hasConsole = () => true,
}: {
  brand: Brand;
  cookies: Cookies;
  sessions: Pick<Sessions, 'find'>;
  /** Default: the pages are in English. */
  speak?: Speak | undefined;
  /** Default: everywhere. */
  hasConsole?: HasConsole | undefined;
}) {
  const browserSession = (ctx: Context): Promise<BrowserSession> =>
    resolveBrowserSession(ctx, { cookies, sessions });

  const show = (
    ctx: Context,
    visitor: BrowserSession | undefined,
    view: (frame: Frame) => Html,
    { status = 200, current, notice, copies = false, ...policy }: Show = {},
  ): Promise<void> => {
    const spoken = speak(ctx);
    const frame = frameOf(brand, visitor, spoken, {
      current,
      notice,
      copies,
      hasConsole: hasConsole(ctx),
    });
    const language = speak === inEnglish ? undefined : spoken.messages.code;
    return answerPage(ctx, view(frame), status, { ...policy, language });
  };

  /** What pages say, in the language of this request. */
  const messages = (ctx: Context): Messages => speak(ctx).messages;

  /**
   * Runs a page for a person who is signed in, acting as them. Others sign in first and return to `returnTo`. `recent` asks for the
   * password again if the last sign-in is too old, or before a date; what needs a recent sign-in also needs a recent proof
   * of the second factor, if the account has one. Where a policy requires one and the account has none, they set it up first.
   */
  const forPerson = async (
    ctx: Context,
    { returnTo, recent = false, recentFactor, loginHint, registers = false }: ForPerson,
    run: (person: Person) => Promise<void>,
  ): Promise<void> => {
    const visitor = await browserSession(ctx);
    const { session, sessionValue } = visitor;
    if (registers && !(session && isFresh(session, recent)))
      return seeOther(ctx, registerPath(returnTo, { loginHint }));
    if (!session || !sessionValue) return seeOther(ctx, signInPath(returnTo, false, { loginHint }));
    const missing = pageOfMissingProof(session, { recent, recentFactor }, returnTo);
    if (missing) return seeOther(ctx, missing);
    rememberAccount(ctx, session.account.id);
    await actingAs({ kind: 'account', id: session.account.id }, () =>
      run({ ...visitor, session, sessionValue }),
    );
  };

  /** As `forPerson`, for a form. Throws StaleForm if the form is not theirs. */
  const forForm = (
    ctx: Context,
    options: { returnTo: (form: Form) => string } & Pick<ForPerson, 'recent' | 'recentFactor'>,
    run: (person: Person, form: Form) => Promise<void>,
  ): Promise<void> =>
    readForm(ctx).then((form) => {
      const returnTo = options.returnTo(form);
      return forPerson(ctx, { ...options, returnTo }, async (person) => {
        if (!person.isOurs(ctx, form)) throw new StaleForm(returnTo);
        await run(person, form);
      });
    });

  return { browserSession, show, messages, forPerson, forForm, hasConsole };
}

export type Pages = ReturnType<typeof createPages>;
