import type { html } from 'hono/html';

/** A piece of a page: what is put into it by a template is escaped, what is a piece already is not again. */
export type Html = ReturnType<typeof html>;

/** What pages call this server, and where its look is served (`src/web/brand/assets.ts`). */
export interface Brand {
  name: string;
  /** The address of the logo. */
  logo?: string | undefined;
  assets: { pico: string; style: string; brand: string; favicon: string; copy: string };
}

/** What every page needs, whatever it shows. */
export interface Frame {
  brand: Brand;
  /** Goes along with every form that is posted. */
  csrf: string;
  /** The moment that relative times are told from; views read no clock. */
  now: Date;
  /** Who is signed in. */
  person?: { name: string; email: string | null } | undefined;
  /** What has just been done, told once. */
  notice?: string | undefined;
  /** The page has buttons that copy (`copyButton`), and so the script for them. */
  copies?: boolean | undefined;
  /** Which page of the account is shown. */
  current?: 'home' | 'apps' | 'tokens' | 'devices' | 'sessions' | 'password' | undefined;
}
