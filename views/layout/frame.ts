import type { SectionShown } from '../admin/section.ts';
import type { Messages } from '../messages/en.ts';
import type { Language } from '../messages/language.ts';

export type { Html } from './html.ts';

/** Links of an installation, each absent unless it is set. */
export interface BrandLinks {
  /** A page where people get help. */
  supportUrl?: string | undefined;
  supportEmail?: string | undefined;
  termsUrl?: string | undefined;
  privacyUrl?: string | undefined;
}

/** The brand as pages show it, and the URLs of their assets (`src/web/brand/assets.ts`). */
export interface Brand {
  name: string;
  /** The URL of the logo. */
  logo?: string | undefined;
  links?: BrandLinks | undefined;
  /** False if APPS is off: pages of apps do not exist. */
  apps?: boolean | undefined;
  /** The languages of pages that have several, the one for everyone else first. Default: all. */
  languages?: readonly Language[] | undefined;
  /** Whether people can register: the sign-in page links to it. */
  registration?: boolean | undefined;
  assets: {
    pico: string;
    style: string;
    brand: string;
    favicon: string;
    copy: string;
    times: string;
    /** The script of pages on which passkeys are created or used. */
    passkeys: string;
    /** The script of the page after signing out. */
    signedOut: string;
    /** The style sheet and script of the API reference (`views/api-reference`). */
    reference: string;
    referenceScript: string;
    /** The style sheet and script of the console (`views/admin`). */
    admin: string;
    adminScript: string;
  };
}

/** A language that a person can choose. */
export interface LanguageChoice {
  /** The tag of the language (BCP 47). */
  code: string;
  /** What it is called in itself. */
  name: string;
  href: string;
}

/** What every page needs. */
export interface Frame {
  brand: Brand;
  /** What the page says, in its language. */
  messages: Messages;
  /** The languages in which the page can be shown, each with the address of that page. */
  languages?: readonly LanguageChoice[] | undefined;
  /** The CSRF value that every posted form carries. */
  csrf: string;
  /** Relative times refer to it; views read no clock. */
  now: Date;
  /** The person who is signed in. */
  person?:
    | {
        name: string;
        email: string | null;
        /** What their roles permit at Writ's own API. Pages of the console show only that. */
        apiScopes?: ReadonlySet<string> | undefined;
        /** The sections of the console that they see. */
        sections?: readonly SectionShown[] | undefined;
      }
    | undefined;
  /** What has just been done, shown once. */
  notice?: string | undefined;
  /** The page has buttons that copy (`copyButton`), and therefore their script. */
  copies?: boolean | undefined;
  /** The item of the navigation that the page belongs to. */
  current?: 'account' | 'apps' | 'tokens' | 'connected' | 'admin' | undefined;
}
