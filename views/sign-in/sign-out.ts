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
  const { name } = frame.brand;
  return cardPage(frame, {
    title: `Sign out of ${name}?`,
    symbol: symbol(infoIcon, 'neutral'),
    lead: html`${app ? html`<bdi>${app}</bdi>` : 'An app'} asks to sign ${meansAnother ? 'another account' : 'you'} out. You are signed in as <bdi><strong>${person}</strong></bdi>.`,
    body: postForm(
      frame,
      '/sign-out',
      html`${Object.entries(fields).map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`)}
      <input type="hidden" name="confirmed" value="1">
      <div class="buttons">
        <button type="submit">Sign out</button>
        <a class="button plain" href="${stayHref}">Stay signed in</a>
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
  return cardPage(frame, {
    title: 'You are signed out',
    symbol: symbol(checkIcon, 'good'),
    lead:
      frames.length > 0
        ? 'The apps that you used are signed out too.'
        : html`You are signed out of ${frame.brand.name}.`,
    body: html`${
      app
        ? html`<a class="button wide" href="${app.url}"${continuesAfter !== undefined && html` data-continues-after="${continuesAfter}"`}>Continue to <bdi>${app.name}</bdi></a>`
        : html`<a class="button plain wide" href="/sign-in">Sign in again</a>`
    }
    ${frames.map((url) => html`<iframe src="${url}" hidden title="Signs out of an app" sandbox="allow-scripts allow-same-origin" referrerpolicy="no-referrer"></iframe>`)}
    ${continuesAfter !== undefined && html`<script src="${frame.brand.assets.signedOut}" defer></script>`}`,
  });
}
