import { html } from 'hono/html';
import { postForm } from '../components/form.ts';
import { checkIcon, infoIcon } from '../components/icons.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface ConfirmSignOutProps {
  /** Who is signed in: the email address, or the name. */
  person: string;
  /** The app that sent the person here. */
  app?: string | undefined;
  /** Whether the app means another account than the one that is signed in. */
  meansAnother: boolean;
  /** What the app asked for, to be sent with the form. */
  fields: Readonly<Record<string, string>>;
  /** Where the person can go instead. */
  stayHref: string;
}

/** Asks a person whom an app sent here whether they want to sign out. */
export function confirmSignOut(frame: Frame, props: ConfirmSignOutProps): Html {
  const { person, app, meansAnother, fields, stayHref } = props;
  const { signOut: said, layout } = frame.messages;
  const asks = meansAnother ? said.appAsksAnother : said.appAsks;
  return cardPage(frame, {
    title: said.title(frame.brand.name),
    symbol: symbol(infoIcon, 'neutral'),
    lead: asks(
      app ? html`<bdi>${app}</bdi>` : said.anApp,
      html`<bdi><strong>${person}</strong></bdi>`,
    ),
    body: postForm(
      frame,
      '/sign-out',
      html`${Object.entries(fields).map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`)}
      <input type="hidden" name="confirmed" value="1">
      <div class="buttons">
        <button type="submit">${layout.signOut}</button>
        <a class="button plain" href="${stayHref}">${said.stay}</a>
      </div>`,
    ),
  });
}

export interface SignedOutProps {
  /** The addresses that notify apps, each loaded in a hidden frame. */
  frames: readonly string[];
  /** The app that the person returns to. */
  app?: { name: string; url: string } | undefined;
  /** Whether the page goes there by itself, at the latest after so many seconds. */
  continuesAfter?: number | undefined;
}

/**
 * The page after signing out. It loads the addresses of apps in hidden frames (OpenID Connect Front-Channel Logout 1.0 §4);
 * its script goes on as soon as they are loaded.
 */
export function signedOut(frame: Frame, { frames, app, continuesAfter }: SignedOutProps): Html {
  const { actions, signOut: said } = frame.messages;
  return cardPage(frame, {
    title: said.doneTitle,
    symbol: symbol(checkIcon, 'good'),
    lead: frames.length > 0 ? said.appsToo : said.done(frame.brand.name),
    body: html`${
      app
        ? html`<a class="button wide" href="${app.url}"${continuesAfter !== undefined && html` data-continues-after="${continuesAfter}"`}>${said.continueTo(html`<bdi>${app.name}</bdi>`)}</a>`
        : html`<a class="button plain wide" href="/sign-in">${actions.signInAgain}</a>`
    }
    ${frames.map((url) => html`<iframe src="${url}" hidden title="${said.frame}" sandbox="allow-scripts allow-same-origin" referrerpolicy="no-referrer"></iframe>`)}
    ${continuesAfter !== undefined && html`<script src="${frame.brand.assets.signedOut}" defer></script>`}`,
  });
}
