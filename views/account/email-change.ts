import { html } from 'hono/html';
import { crumbs } from '../components/crumbs.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { checkIcon, clockIcon } from '../components/icons.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage, cardPage } from '../layout/layout.ts';

export interface AccountEmailProps {
  /** The address that the account has. */
  current: string | null;
  email?: string | undefined;
  problems?: Problems<'email'> | undefined;
  /** Emails are not sent: administrators read them on a page. */
  isOutbox: boolean;
}

/** Where a person asks for a link to another email address. */
export function accountEmail(frame: Frame, props: AccountEmailProps): Html {
  const { current, email, problems, isOutbox } = props;
  const fields = fieldsOf({ order: ['email'], values: { email }, problems });
  return accountPage(frame, {
    title: 'Change email address',
    lead: isOutbox
      ? html`This installation sends no email: ${support(frame)} finds the link in the outbox and can pass it on.`
      : 'You get a link at the new address. Until you use it, nothing changes.',
    problems,
    narrow: true,
    crumbs: crumbs([['Account', '/account']]),
    body: html`<section class="panel" aria-label="Change email address">
      ${postForm(
        frame,
        '/account/email',
        html`${
          current &&
          html`<div class="field"><p class="label">Current address</p><p class="fixed"><bdi>${current}</bdi></p>
          <p class="hint">It gets an email as well, with which you can undo the change for 7 days.</p></div>`
        }
        ${field({
          ...fields('email'),
          label: 'New address',
          type: 'email',
          autocomplete: 'email',
        })}
        <div class="form-end"><button type="submit">${isOutbox ? 'Ask for a link' : 'Send a link'}</button><a class="button plain" href="/account">Cancel</a></div>`,
        { noValidate: true },
      )}
    </section>`,
  });
}

export interface AddressLinkProps {
  /** The value in the link. */
  value: string;
  name: string;
  /** The address that the account gets. */
  email: string;
  problem?: string | undefined;
}

/** Where a person with a link confirms that the account gets their address. */
export const confirmAddress = (frame: Frame, props: AddressLinkProps): Html =>
  cardPage(frame, {
    title: 'Confirm your new email address',
    lead: html`<bdi>${props.email}</bdi> becomes the address of the ${frame.brand.name} account of <bdi>${props.name}</bdi>. You sign in with it from then on. If you did not ask for this, close this page: the account may belong to someone else, who would be known by your address.`,
    problem: props.problem,
    body: postForm(
      frame,
      '/email/change',
      html`<input type="hidden" name="value" value="${props.value}">
      <button type="submit" class="wide">Use this address</button>`,
    ),
  });

/** Where a person whose address was changed by someone else restores it. */
export const restoreAddress = (frame: Frame, props: AddressLinkProps): Html =>
  cardPage(frame, {
    title: 'Restore your email address?',
    lead: html`<bdi>${props.email}</bdi> becomes the address of the ${frame.brand.name} account of <bdi>${props.name}</bdi> again. Every browser is signed out, and a link to set a new password is sent to this address.`,
    problem: props.problem,
    body: postForm(
      frame,
      '/email/revert',
      html`<input type="hidden" name="value" value="${props.value}">
      <button type="submit" class="wide danger">This was not me: restore it</button>`,
    ),
  });

/** The account has the new address. */
export const addressChanged = (frame: Frame, { email }: { email: string }): Html =>
  cardPage(frame, {
    title: 'Your email address is changed',
    symbol: symbol(checkIcon, 'good'),
    lead: html`From now on you sign in with <bdi>${email}</bdi>.`,
    body: html`<a class="button wide" href="/account">Go to your account</a>`,
  });

/** The account has its old address again. */
export const addressRestored = (frame: Frame, { email }: { email: string }): Html =>
  cardPage(frame, {
    title: 'Your email address is restored',
    symbol: symbol(checkIcon, 'good'),
    lead: html`The account has the address <bdi>${email}</bdi> again, and every browser is signed out.`,
    body: html`<ul class="fine left">
      <li>Set a new password with the link in the email that you get now: someone else may know the old one.</li>
      <li>Then review your connected apps, devices and tokens, and contact ${support(frame)}.</li>
    </ul>
    <a class="button plain wide" href="/sign-in">Go to sign-in</a>`,
  });

/** The link does not work. */
export const addressLinkGone = (
  frame: Frame,
  { reason }: { reason: 'used' | 'expired' | 'taken' },
): Html =>
  cardPage(frame, {
    title:
      reason === 'used'
        ? 'This link was already used'
        : reason === 'taken'
          ? 'This address is in use'
          : 'This link no longer works',
    symbol: symbol(clockIcon, 'neutral'),
    lead:
      reason === 'used'
        ? 'The address of the account was changed with it.'
        : reason === 'taken'
          ? html`Another account has this address by now, so nothing was changed. Ask ${support(frame)}.`
          : 'It has expired, a newer link replaced it, or the account was changed in the meantime.',
    body: html`<a class="button wide" href="/account">Go to your account</a>`,
  });
