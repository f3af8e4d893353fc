/**
 * WHAT THE PAGES OF THE CONSOLE SHARE. Each page and form declares the scope of Writ's own API that it needs, as the
 * operation of the API does that it calls; a person has the scopes of their roles. For people without any scope of the
 * console there is none: they get 404.
 */
import type Router from '@koa/router';
import type { Context } from 'koa';
import type { ApiScope } from '../../../config/scopes.ts';
import type { Frame, Html } from '../../../views/layout/frame.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';
import type { Form } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from '../framework/browser-session.ts';
import { sendAgain } from '../framework/forms.ts';
import { noticeOf } from '../framework/notices.ts';
import type { Pages, Show } from '../framework/page-guards.ts';
import { pathToReturnTo } from './list.ts';
import { sectionsFor } from './sections.ts';

/** The scope that a page needs; `console` for those that everyone sees who sees any. */
export type Needs = ApiScope | 'console';

/** A request for a page of the console, by a person who may see it. */
export interface Call {
  ctx: Context;
  /** The person, with the rights of their roles, for the domain. */
  actor: Caller;
  person: Person;
  /** Answers with a page. After a GET it shows what was just done. */
  show(view: (frame: Frame) => Html, rest?: Show): Promise<void>;
}

interface FormOptions {
  /** The page to which a person returns who had to sign in again; what they sent is dropped. */
  back: string | ((ctx: Context) => string);
  /** Whether the last sign-in must be recent; default true. False for a form that changes nothing. */
  recent?: boolean;
}

export interface Console {
  /** A page. */
  page(path: string, needs: Needs, run: (call: Call) => Promise<void>): void;
  /** A form. */
  form(
    path: string,
    needs: Needs,
    options: FormOptions,
    run: (call: Call & { form: Form }) => Promise<void>,
  ): void;
  /** Every page and form, in the order of their declaration. */
  readonly routes: readonly { method: 'GET' | 'POST'; path: string; needs: Needs }[];
}

/**
 * The scopes of a person's roles. Throws `not_found` for people who see nothing of the console, and where it is not;
 * `access_denied` for others without the scope.
 */
function actorOf(
  { session: { account } }: Person,
  { needs, isHere }: { needs: Needs; isHere: boolean },
): Caller {
  const { id, apiScopes: scopes } = account;
  if (!isHere || sectionsFor(scopes).length === 0) throw new OAuthError('not_found', '');
  if (needs !== 'console' && !scopes.has(needs)) throw lacks(needs);
  return { kind: 'account', id, scopes };
}

/** Throws `access_denied` for people whose roles lack a scope that an act needs besides that of its form. */
export function requireScope({ scopes }: Caller, scope: ApiScope): void {
  if (!scopes.has(scope)) throw lacks(scope);
}

const lacks = (scope: ApiScope) =>
  new OAuthError('access_denied', `Your roles do not permit this. It needs ${scope}.`);

export function createConsole(router: Router, pages: Pages): Console {
  const routes: { method: 'GET' | 'POST'; path: string; needs: Needs }[] = [];
  const callOf = (ctx: Context, person: Person, needs: Needs): Call => ({
    ctx,
    actor: actorOf(person, { needs, isHere: pages.hasConsole(ctx) }),
    person,
    show: (view, rest = {}) =>
      pages.show(ctx, person, view, {
        current: 'admin',
        notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined,
        ...rest,
      }),
  });

  /** The scope that a page needs, by its path. */
  const needsOf = (path: string): Needs | undefined => {
    const [pathname = ''] = path.split('?');
    const found = new Set(router.match(pathname, 'GET').pathAndMethod.map(({ path }) => path));
    return routes.find((route) => route.method === 'GET' && found.has(route.path))?.needs;
  };

  /** A refused form shows the page `back` again, which its sender may not be permitted to see. */
  const showingAgain =
    ({ actor, show }: Call, back: string): Call['show'] =>
    (view, rest = {}) => {
      const needs = needsOf(back);
      if ((rest.status ?? 200) >= 400 && needs && needs !== 'console' && !actor.scopes.has(needs))
        throw new OAuthError(
          'access_denied',
          `This was not done, and your roles do not permit the page that says why. It needs ${needs}.`,
        );
      return show(view, rest);
    };

  return {
    routes,

    page(path, needs, run) {
      routes.push({ method: 'GET', path, needs });
      router.get(path, (ctx) =>
        pages.forPerson(ctx, { returnTo: pathToReturnTo(ctx) }, (person) =>
          run(callOf(ctx, person, needs)),
        ),
      );
    },

    form(path, needs, { back, recent = true }, run) {
      routes.push({ method: 'POST', path, needs });
      router.post(path, (ctx) => {
        const page = typeof back === 'string' ? back : back(ctx);
        const returnTo = recent ? sendAgain(page) : page;
        return pages.forForm(ctx, { returnTo: () => returnTo, recent }, (person, form) => {
          const call = callOf(ctx, person, needs);
          return run({ ...call, form, show: showingAgain(call, page) });
        });
      });
    },
  };
}
