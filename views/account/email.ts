import { html } from 'hono/html';
import { postForm } from '../components/form.ts';
import { checkIcon, clockIcon } from '../components/icons.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface VerifyEmailProps {
  /** The value in the link. */
  value: string;
  name: string;
  email: string;
  problem?: string | undefined;
}

/** Where a person with a link confirms their email address. */
export const verifyEmail = (
  frame: Frame,
  { value, name, email, problem }: VerifyEmailProps,
): Html =>
  cardPage(frame, {
    title: 'Verify your email address',
    lead: html`<bdi>${email}</bdi> is the address of the ${frame.brand.name} account of <bdi>${name}</bdi>.`,
    problem,
    body: postForm(
      frame,
      '/email',
      html`<input type="hidden" name="value" value="${value}">
      <button type="submit" class="wide">This is my address</button>`,
    ),
  });

/** The address is verified. */
export const emailVerified = (frame: Frame): Html =>
  cardPage(frame, {
    title: 'Your email address is verified',
    symbol: symbol(checkIcon, 'good'),
    lead: 'Apps that you sign in to can see that it is yours.',
    body: html`<a class="button wide" href="/account">Go to your account</a>`,
  });

/** The link has expired, or the account has another address. */
export const emailLinkGone = (frame: Frame): Html =>
  cardPage(frame, {
    title: 'This link no longer works',
    symbol: symbol(clockIcon, 'neutral'),
    lead: 'It has expired, or the account has another email address now.',
    body: html`<a class="button wide" href="/account">Go to your account</a>`,
  });
