import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { crumbs } from '../components/crumbs.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { keyIcon } from '../components/icons.ts';
import { warning } from '../components/notice.ts';
import { passkeyForm, passkeyScript, passkeySignal } from '../components/passkey.ts';
import { ago, moment } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

/** A passkey, as its owner sees it. */
export interface PasskeyShown {
  id: string;
  credentialId: string;
  name: string;
  /** Whether it signs its owner in without a password. */
  isVerified: boolean;
  /** Whether a password manager has copied it to other devices. */
  isSynced: boolean;
  addedAt: Date;
  lastUsedAt: Date | null;
}

const path = '/account/security/passkeys';
const trail = [
  ['Account', '/account'],
  ['Sign-in and security', '/account/security'],
] as const;

/** The section about passkeys on the page about sign-in and security. */
export const passkeysSection = (
  _frame: Frame,
  { count }: { count: number },
): Html => html`<section class="panel row" aria-labelledby="passkeys">
  <div><h2 id="passkeys">Passkeys</h2>
  <p>${
    count === 0
      ? 'Sign in with a finger, your face or a screen lock instead of your password, or with a security key after it.'
      : `You have ${count === 1 ? 'one passkey' : `${count} passkeys`}.`
  }</p></div>
  <a class="button plain" href="${count === 0 ? `${path}/new` : path}">${count === 0 ? 'Add a passkey' : 'Manage passkeys'}</a>
</section>`;

export interface AccountPasskeysProps {
  passkeys: PasskeyShown[];
  /** The maximum of an account. */
  max: number;
  /** Tells password managers which passkeys there still are; absent if the account never had one. */
  accepted?: { rpId: string; userId: string } | undefined;
}

/** The passkeys of a person. */
export function accountPasskeys(
  frame: Frame,
  { passkeys, max, accepted }: AccountPasskeysProps,
): Html {
  const isFull = passkeys.length >= max;
  return accountPage(frame, {
    title: 'Passkeys',
    lead: 'A passkey is on a device, in a password manager or on a security key. It only works on this site, so no other site can trick you out of it.',
    narrow: true,
    crumbs: crumbs(trail),
    actions: isFull ? undefined : html`<a class="button" href="${path}/new">Add a passkey</a>`,
    body: html`${isFull && warning(html`You have ${max} passkeys, which is the maximum. Remove one to add another.`)}
    <section class="panel" aria-label="Your passkeys">${
      passkeys.length === 0
        ? html`<p>You have no passkeys yet.</p>`
        : html`<ul class="rows">${passkeys.map((passkey) => row(frame, passkey))}</ul>`
    }</section>
    ${
      accepted &&
      html`${passkeySignal({
        name: 'signalAllAcceptedCredentials',
        ...accepted,
        allAcceptedCredentialIds: passkeys.map(({ credentialId }) => credentialId),
      })}${passkeyScript(frame)}`
    }`,
  });
}

/** What a passkey is good for. */
const useOf = ({ isVerified }: Pick<PasskeyShown, 'isVerified'>): string =>
  isVerified ? 'Signs you in without a password' : 'Second step after your password';

const row = (frame: Frame, passkey: PasskeyShown): Html => html`<li><div class="row-head">
  <div class="glyph">${keyIcon}</div>
  <div class="row-name"><h2><a href="${path}/${passkey.id}"><bdi>${passkey.name}</bdi></a></h2>
    <p class="sub">${useOf(passkey)} · Added ${ago(passkey.addedAt, frame.now)} · ${
      passkey.lastUsedAt ? html`Last used ${ago(passkey.lastUsedAt, frame.now)}` : 'Not used yet'
    }</p></div>
  ${passkey.isSynced && html`<div class="row-badges">${badge('Synced', 'neutral')}</div>`}
</div></li>`;

export interface AccountPasskeyNewProps {
  /** What is wrong with the answer of the browser. */
  problem?: string | undefined;
  problems?: Problems<'name'> | undefined;
  name?: string | undefined;
}

/** Where a person adds a passkey. */
export function accountPasskeyNew(frame: Frame, props: AccountPasskeyNewProps): Html {
  const { problem, problems, name } = props;
  const fields = fieldsOf({ order: ['name'], values: { name }, problems, focusFirst: false });
  return accountPage(frame, {
    title: 'Add a passkey',
    lead: 'Your browser asks where to keep it: on this device, in a password manager, on your phone, or on a security key.',
    problem,
    problems,
    narrow: true,
    crumbs: crumbs([...trail, ['Passkeys', path]]),
    body: html`<section class="panel" aria-label="Add a passkey">
      <p data-without-passkeys>This browser has no passkeys, or JavaScript is off. Open this page in a current browser with JavaScript.</p>
      ${passkeyForm(frame, {
        action: `${path}/new`,
        kind: 'create',
        label: 'Create the passkey',
        look: '',
        fields: field({
          ...fields('name'),
          label: 'Name',
          optional: true,
          hint: 'Optional. Without one, it is named after the device.',
        }),
      })}
      <p><a href="${path}">Cancel</a></p>
    </section>
    ${passkeyScript(frame)}`,
  });
}

export interface AccountPasskeyProps {
  passkey: PasskeyShown;
  /** The name in the form, if it was refused. */
  name?: string | undefined;
  /** Why it cannot be removed. */
  problem?: string | undefined;
  problems?: Problems<'name'> | undefined;
}

/** One passkey: its name, and how to remove it. */
export function accountPasskey(frame: Frame, props: AccountPasskeyProps): Html {
  const { passkey, name, problem, problems } = props;
  const fields = fieldsOf({
    order: ['name'],
    values: { name: name ?? passkey.name },
    problems,
    focusFirst: false,
  });
  return accountPage(frame, {
    title: passkey.name,
    heading: html`<bdi>${passkey.name}</bdi>`,
    problem,
    problems,
    narrow: true,
    crumbs: crumbs([...trail, ['Passkeys', path]]),
    body: html`<section class="panel" aria-label="The passkey">
      ${facts([
        ['Use', useOf(passkey)],
        [
          'Kept',
          passkey.isSynced
            ? 'In a password manager, which copies it to your devices'
            : 'On one device',
        ],
        ['Added', moment(passkey.addedAt)],
        ['Last used', passkey.lastUsedAt ? ago(passkey.lastUsedAt, frame.now) : 'Never'],
      ])}
      ${postForm(
        frame,
        `${path}/${passkey.id}`,
        html`${field({ ...fields('name'), label: 'Name' })}
        <button type="submit">Save</button>`,
        { noValidate: true },
      )}
    </section>
    ${dangerPanel(
      'remove',
      'Remove',
      dangerous(
        'Remove this passkey',
        html`<p>It can no longer sign you in. Your browser or password manager may keep its part; delete it there as well.</p>
        ${postForm(
          frame,
          `${path}/${passkey.id}/remove`,
          html`<button type="submit" class="danger">Remove the passkey</button>`,
        )}`,
      ),
    )}`,
  });
}
