import type { Context } from 'koa';
import { languages as allLanguages, type Language } from '../../../config/languages.ts';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { Frame } from '../../../views/layout/frame.ts';
import { catalogues } from '../../../views/messages/index.ts';
import { noteLanguage } from '../../domain/audit/request-context.ts';
import { acceptedLanguages, languageTags, lookUpLanguage } from '../../http/language.ts';
import { forgetUiLocales, rememberUiLocales, uiLocalesOf } from '../../http/ui-locales.ts';
import type { Cookies } from './cookies.ts';

/** The language of a page, and those that its person can choose instead. */
export type Spoken = Pick<Frame, 'messages' | 'languages'>;

/** Chooses the language of a page. */
export type Speak = (ctx: Context) => Spoken;

/** Pages that have no other language. */
export const inEnglish: Speak = () => ({ messages: catalogues.en });

interface Dependencies {
  issuer: string;
  cookies: Cookies;
  /** Those of the installation; the first one is for people whose languages are not among them. */
  languages?: readonly Language[] | undefined;
}

/**
 * The language of a page, in this order: what the person chooses now (`language` in the query, which the menu of each page
 * links to, and a cookie keeps), `ui_locales` of this request or of the authorization request that the page belongs to,
 * what the person chose before, and the languages of the browser. The choice of a person ends the wish of an app.
 */
export function createSpeak({ issuer, cookies, languages = allLanguages }: Dependencies): Speak {
  const [first = 'en'] = languages;
  const choose = (ctx: Context): Language => {
    const isGet = ctx.method === 'GET' || ctx.method === 'HEAD';
    const query = new URLSearchParams(isGet ? ctx.querystring : '');
    const chosen = lookUpLanguage(languageTags(query.get('language') ?? ''), languages);
    if (chosen) {
      cookies.set(ctx, 'language', chosen);
      forgetUiLocales(ctx, issuer);
      return chosen;
    }
    const asked = query.get('ui_locales');
    if (asked !== null) rememberUiLocales(ctx, issuer, asked, lifetimes.interaction);
    const wanted = [
      ...languageTags(asked ?? ''),
      ...uiLocalesOf(ctx, issuer),
      cookies.get(ctx, 'language') ?? '',
      ...acceptedLanguages(ctx.get('accept-language')),
    ];
    return lookUpLanguage(wanted, languages) ?? first;
  };
  const chosenBefore = new WeakMap<Context, Spoken>();
  return (ctx) => {
    const before = chosenBefore.get(ctx);
    if (before) return before;
    const language = choose(ctx);
    noteLanguage(language);
    const spoken = {
      messages: catalogues[language],
      languages: isShownByGet(ctx) ? choicesOf(ctx, languages) : undefined,
    };
    chosenBefore.set(ctx, spoken);
    return spoken;
  };
}

/** Whether the address of a page shows it again. That of a form does not, and requests of apps can be used once. */
const isShownByGet = ({ method, path }: Context): boolean =>
  method === 'GET' && !path.startsWith('/connect/');

const choicesOf = (ctx: Context, languages: readonly Language[]): Frame['languages'] =>
  languages.map((code) => {
    const query = new URLSearchParams(ctx.querystring);
    query.delete('ui_locales');
    query.set('language', code);
    // Relative to the page: a page that is not there does not repeat its path.
    return { code, name: catalogues[code].name, href: `?${query}` };
  });
