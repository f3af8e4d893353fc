import { html } from 'hono/html';
import { checkboxes } from '../components/controls.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { checkIcon, clockIcon, infoIcon } from '../components/icons.ts';
import { newPasswordFields } from '../components/new-password.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';
import type { Messages } from '../messages/en.ts';

export interface RegisterProps {
  /** Where the person goes afterwards. */
  returnTo: string;
  email?: string | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
  problems?: Problems<'email'> | undefined;
  /** The app that sent the person here. */
  app?: string | undefined;
  /** The domains whose addresses can register, if not all: `acme.com`, `*.acme.com`. */
  domains?: readonly string[] | undefined;
  /** An administrator approves each account. */
  needsApproval?: boolean | undefined;
  /** There is no mail server: an administrator passes the link on. */
  isOutbox?: boolean | undefined;
  /** Where a person who has an account signs in. */
  signInHref: string;
}

/** Where people enter their email address to get an account. */
export function register(frame: Frame, props: RegisterProps): Html {
  const { returnTo, email, problem, problems, app } = props;
  const { actions, fields: labels, forgot, register: said } = frame.messages;
  const domains = props.domains && domainsInWords(props.domains, frame.messages);
  const { name } = frame.brand;
  const fields = fieldsOf({ order: ['email'], values: { email }, problems });
  return cardPage(frame, {
    title: said.title,
    heading: app ? said.toApp(html`<bdi>${app}</bdi>`) : undefined,
    lead: props.isOutbox ? forgot.outboxLead(support(frame)) : said.lead(name),
    problem,
    problems,
    body: html`${postForm(
      frame,
      '/register',
      html`<input type="hidden" name="return_to" value="${returnTo}">
      ${field({
        ...fields('email'),
        label: labels.email,
        type: 'email',
        autocomplete: 'email',
        hint: domains && said.domains(domains),
        describedBy: problem && 'problem',
      })}
      <button type="submit" class="wide">${props.isOutbox ? forgot.ask : said.send}</button>`,
      { noValidate: true },
    )}
    ${props.needsApproval && html`<p class="fine">${said.approval}</p>`}
    <p class="fine">${said.haveAccount(html`<a href="${props.signInHref}">${actions.signIn}</a>`)}</p>`,
  });
}

/** Domains as people read them: "acme.com or a subdomain of acme.org". */
export const domainsInWords = (
  domains: readonly string[],
  { code, register: { subdomain } }: Messages,
): string =>
  new Intl.ListFormat(code === 'en' ? 'en-GB' : code, { type: 'disjunction' }).format(
    domains.map((domain) => (domain.startsWith('*.') ? subdomain(domain.slice(2)) : domain)),
  );

/** The same for every address, whether or not it has an account. */
export function registerSent(
  frame: Frame,
  { email, isOutbox = false }: { email: string; isOutbox?: boolean | undefined },
): Html {
  const { forgot, register: said } = frame.messages;
  const address = html`<bdi><strong>${email}</strong></bdi>`;
  return cardPage(frame, {
    title: isOutbox ? forgot.outboxTitle : forgot.sentTitle,
    symbol: symbol(checkIcon, 'good'),
    lead: isOutbox ? said.outboxSentLead(support(frame), address) : said.sentLead(address),
    body: html`<ul class="fine left">
      <li>${said.useHere}</li>
      ${!isOutbox && html`<li>${said.nothingArrived}</li>`}
    </ul>
    <a class="button plain wide" href="/register">${said.another}</a>`,
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
  const { fields: labels, register: said } = frame.messages;
  const terms = termsOf(frame);
  const order = ['name', 'password', 'repeat', ...(terms ? (['terms'] as const) : [])] as const;
  const fields = fieldsOf({ order, values: { name }, problems });
  return cardPage(frame, {
    title: said.formTitle,
    lead: said.formLead(brand.name),
    problem,
    problems,
    body: postForm(
      frame,
      '/registration',
      html`<input type="hidden" name="value" value="${value}">
      ${field({
        name: 'email',
        label: labels.email,
        type: 'email',
        value: email,
        autocomplete: 'username',
        readonly: true,
      })}
      ${field({ ...fields('name'), label: labels.name, autocomplete: 'name', maxLength: 200 })}
      ${newPasswordFields(frame, (field: 'password' | 'repeat') => fields(field))}
      ${
        terms &&
        checkboxes({
          id: 'terms',
          legend: said.terms,
          boxes: [{ name: 'terms', label: terms, checked: props.acceptsTerms ?? false }],
          problem: problems?.terms,
          autofocus: fields('terms').autofocus,
        })
      }
      <button type="submit" class="wide">${needsApproval ? said.create : said.createAndSignIn}</button>`,
      { noValidate: true },
    ),
  });
}

/** What a person accepts; undefined if the installation has no terms. */
function termsOf({ brand: { links = {} }, messages }: Frame): Html | undefined {
  const { register: said } = messages;
  const { termsUrl, privacyUrl } = links;
  const link = (href: string, label: string) =>
    html`<a href="${href}" target="_blank" rel="noopener">${label}</a>`;
  const terms = termsUrl && link(termsUrl, said.termsOfService);
  const privacy = privacyUrl && link(privacyUrl, said.privacyPolicy);
  if (terms && privacy) return said.acceptBoth(terms, privacy);
  if (terms) return said.accept(terms);
  return privacy ? said.acceptPrivacy(privacy) : undefined;
}

/** The link was used, has expired, or its address got an account in the meantime. */
export function registrationGone(frame: Frame, _props: Record<string, never> = {}): Html {
  const { actions, link, register: said } = frame.messages;
  return cardPage(frame, {
    title: link.gone,
    symbol: symbol(clockIcon, 'neutral'),
    lead: said.goneLead,
    body: html`<a class="button wide" href="/sign-in">${actions.signIn}</a>
    <a class="button plain wide" href="/register">${actions.createAccount}</a>`,
  });
}

/** The account waits for an administrator. */
export function registrationWaits(frame: Frame, _props: Record<string, never> = {}): Html {
  const { register: said } = frame.messages;
  return cardPage(frame, {
    title: said.waitsTitle,
    symbol: symbol(infoIcon, 'neutral'),
    lead: said.waitsLead,
    body: html`<p class="centred">${said.waitsForEmail(support(frame))}</p>`,
  });
}
