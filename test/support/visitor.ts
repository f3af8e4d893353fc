import { type Answer, createHttp } from './http.ts';
import { keepSecret } from './run-records.ts';

/** A page as a person sees it: the response, and helpers for assertions. */
export interface Page extends Answer {
  /** Where the response leads, if anywhere: by a redirect, or by a page that goes on by itself. */
  location: string | null;
  /** Text of the page without tags, with white space collapsed. */
  words: string;
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const wordsOf = (page: string): string =>
  page
    .replace(/<(style|script|title)[^>]*>.*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&(#?\w+);/g, (whole, name) => entities[name] ?? whole)
    .replace(/\s+/g, ' ');

/** Paths of accepted forms in the order in which they were sent, by the origin of their server. */
const accepted = new Map<string, string[]>();

/** Paths of the accepted forms in this test file. */
export const acceptedForms = (origin: string): readonly string[] => accepted.get(origin) ?? [];

/** A browser without images and scripts: it keeps cookies, and submits the forms of the last page. */
export function createVisitor(origin: string, headers: Record<string, string> = {}) {
  const http = createHttp(origin);
  const cookies = new Map<string, string>();
  let last: Page | undefined;

  const send = async (method: string, path: string, body?: URLSearchParams): Promise<Page> => {
    const answer = await http.request(method, path, {
      headers: {
        accept: 'text/html,application/xhtml+xml',
        ...headers,
        ...(cookies.size > 0 && {
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        }),
      },
      ...(body && { body }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const [name = '', value = ''] = pair.split('=', 2);
      const expires = /; expires=([^;]*)/i.exec(cookie)?.[1];
      if (expires && Date.parse(expires) <= Date.now()) cookies.delete(name);
      else cookies.set(name, value);
    }
    for (const [value] of answer.text.matchAll(/\b(writ_[a-z]+_[A-Za-z0-9]{16,}|eyJ[\w.-]{40,})/g))
      keepSecret('shown on a page', value);
    const page = {
      ...answer,
      location:
        answer.headers.get('location') ??
        /^0;url=(.*)$/.exec(answer.headers.get('refresh') ?? '')?.[1] ??
        null,
      words: wordsOf(answer.text),
    };
    if (page.location === null) last = page;
    if (method === 'POST' && page.status < 400)
      accepted.set(origin, [...acceptedForms(origin), path]);
    return page;
  };

  /** Hidden fields of the last page's forms that prove that the server created them. */
  const csrf = (): string => {
    const found = /name="csrf" value="([^"]*)"/.exec(last?.text ?? '')?.[1] ?? '';
    keepSecret('csrf', found);
    return found;
  };

  return {
    cookies,
    csrf,
    get: (path: string) => send('GET', path),
    /** Submits a form of the last page with these fields filled in. */
    submit: (path: string, fields: Record<string, string> = {}) =>
      send('POST', path, new URLSearchParams({ csrf: csrf(), ...fields })),
    /** Follows redirects until a page is shown. */
    async follow(page: Page): Promise<Page> {
      let shown = page;
      for (let hops = 0; shown.location && hops < 5; hops++)
        shown = await send('GET', shown.location);
      return shown;
    },
    async signIn(email: string, password: string, returnTo = '/account'): Promise<Page> {
      await send('GET', `/sign-in?return_to=${encodeURIComponent(returnTo)}`);
      return this.submit('/sign-in', { email, password, return_to: returnTo });
    },
  };
}

export type Visitor = ReturnType<typeof createVisitor>;
