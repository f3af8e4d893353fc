import { html } from 'hono/html';
import { checkboxes } from '../components/controls.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { checkIcon, clockIcon, infoIcon } from '../components/icons.ts';
import { newPasswordFields } from '../components/new-password.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Brand, Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';

export interface RegisterProps {
  /** Where the person goes afterwards. */
  returnTo: string;
  email?: string | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
  problems?: Problems<'email'> | undefined;
  /** The app that sent the person here. */
  app?: string | undefined;
  /** The domains whose addresses can register, in words. */
  domains?: string | undefined;
  /** An administrator approves each account. */
  needsApproval?: boolean | undefined;
  /** There is no mail server: an administrator passes the link on. */
  isOutbox?: boolean | undefined;
  /** Where a person who has an account signs in. */
  signInHref: string;
}

/** Where people enter their email address to get an account. */
export function register(frame: Frame, props: RegisterProps): Html {
  const { returnTo, email, problem, problems, app, domains } = props;
  const { name } = frame.brand;
  const fields = fieldsOf({ order: ['email'], values: { email }, problems });
  return cardPage(frame, {
    title: 'Create an account',
    heading: app ? html`Create an account to continue to <bdi>${app}</bdi>` : undefined,
    lead: props.isOutbox
      ? html`This installation sends no email. Ask for a link here; ${support(frame.brand)} finds it in the outbox and can pass it on.`
      : html`We send a link to your email address. With it, you choose a password for your ${name} account.`,
    problem,
    problems,
    body: html`${postForm(
      frame,
      '/register',
      html`<input type="hidden" name="return_to" value="${returnTo}">
      ${field({
        ...fields('email'),
        label: 'Email',
        type: 'email',
        autocomplete: 'email',
        hint: domains && `Only addresses at ${domains} can register.`,
        describedBy: problem && 'problem',
      })}
      <button type="submit" class="wide">${props.isOutbox ? 'Ask for a link' : 'Send link'}</button>`,
      { noValidate: true },
    )}
    ${props.needsApproval && html`<p class="fine">An administrator approves each account before its owner can sign in.</p>`}
    <p class="fine">Already have an account? <a href="${props.signInHref}">Sign in</a></p>`,
  });
}

/** The same for every address, whether or not it has an account. */
export function registerSent(
  frame: Frame,
  { email, isOutbox = false }: { email: string; isOutbox?: boolean | undefined },
): Html {
  return cardPage(frame, {
    title: isOutbox ? 'Your request is in the outbox' : 'Check your email',
    symbol: symbol(checkIcon, 'good'),
    lead: isOutbox
      ? html`Ask ${support(frame.brand)} for the link for <bdi><strong>${email}</strong></bdi>.`
      : html`We sent an email to <bdi><strong>${email}</strong></bdi>.`,
    body: html`<ul class="fine left">
      <li>Use its link in this browser to continue where you were. The link works once, for 24 hours.</li>
      ${!isOutbox && html`<li>If nothing arrives within a few minutes, look among your spam, and check the address above.</li>`}
    </ul>
    <a class="button plain wide" href="/register">Use another address</a>`,
  });
}

export interface RegistrationProps {
  /** The value in the link. */
  value: string;
  email: string;
  name?: string | undefined;
  acceptsTerms?: boolean | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
  problems?: Problems<'name' | 'password' | 'repeat' | 'terms'> | undefined;
  /** An administrator approves the account before the person can sign in. */
  needsApproval?: boolean | undefined;
}

/** Where a person with a link creates the account. */
export function registration(frame: Frame, props: RegistrationProps): Html {
  const { value, email, name, problem, problems, needsApproval } = props;
  const { brand } = frame;
  const terms = termsOf(brand);
  const order = ['name', 'password', 'repeat', ...(terms ? (['terms'] as const) : [])] as const;
  const fields = fieldsOf({ order, values: { name }, problems });
  return cardPage(frame, {
    title: 'Create your account',
    lead: html`Your email address is confirmed once you create your ${brand.name} account.`,
    problem,
    problems,
    body: postForm(
      frame,
      '/registration',
      html`<input type="hidden" name="value" value="${value}">
      ${field({
        name: 'email',
        label: 'Email',
        type: 'email',
        value: email,
        autocomplete: 'username',
        readonly: true,
      })}
      ${field({ ...fields('name'), label: 'Name', autocomplete: 'name', maxLength: 200 })}
      ${newPasswordFields((field: 'password' | 'repeat') => fields(field))}
      ${
        terms &&
        checkboxes({
          id: 'terms',
          legend: 'Terms',
          boxes: [{ name: 'terms', label: terms, checked: props.acceptsTerms ?? false }],
          problem: problems?.terms,
          autofocus: fields('terms').autofocus,
        })
      }
      <button type="submit" class="wide">${needsApproval ? 'Create account' : 'Create account and sign in'}</button>`,
      { noValidate: true },
    ),
  });
}

/** What a person accepts; undefined if the installation has no terms. */
function termsOf({ links = {} }: Brand): Html | undefined {
  const { termsUrl, privacyUrl } = links;
  const link = (href: string, label: string) =>
    html`<a href="${href}" target="_blank" rel="noopener">${label}</a>`;
  if (termsUrl && privacyUrl)
    return html`I accept the ${link(termsUrl, 'terms of service')} and the ${link(privacyUrl, 'privacy policy')}`;
  if (termsUrl) return html`I accept the ${link(termsUrl, 'terms of service')}`;
  if (privacyUrl) return html`I accept the ${link(privacyUrl, 'privacy policy')}`;
  return undefined;
}

/** The link was used, has expired, or its address got an account in the meantime. */
export function registrationGone(frame: Frame, _props: Record<string, never> = {}): Html {
  return cardPage(frame, {
    title: 'This link no longer works',
    symbol: symbol(clockIcon, 'neutral'),
    lead: 'It was already used, it has expired, or the address has an account by now.',
    body: html`<a class="button wide" href="/sign-in">Sign in</a>
    <a class="button plain wide" href="/register">Create an account</a>`,
  });
}

/** The account waits for an administrator. */
export function registrationWaits(frame: Frame, _props: Record<string, never> = {}): Html {
  return cardPage(frame, {
    title: 'Your account waits for approval',
    symbol: symbol(infoIcon, 'neutral'),
    lead: 'Your email address is confirmed. An administrator now decides about your account.',
    body: html`<p class="centred">You get an email when you can sign in. If it takes too long, ask ${support(frame.brand)}.</p>`,
  });
}
