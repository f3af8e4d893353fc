import { html } from 'hono/html';
import { type AppShown, appPage, appPath } from '../components/app.ts';
import { choiceCards } from '../components/controls.ts';
import { postForm } from '../components/form.ts';
import { keyIcon } from '../components/icons.ts';
import { briefly, fromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppMemberRemovalProps {
  app: AppShown;
  member: { accountId: string; name: string; email: string | null };
  /** The viewer is the one who goes. */
  self: boolean;
  /** What they created and what works, the newest first; at least one. */
  credentials: CredentialShown[];
}

/** A secret or an API key, without its value. */
export interface CredentialShown {
  kind: 'client_secret' | 'api_key';
  /** The name of its client. */
  client: string;
  /** Of an API key. */
  name: string | null;
  /** Its last characters. */
  hint: string | null;
  createdAt: Date;
  /** To the minute. */
  lastUsedAt: Date | null;
}

/**
 * Asks, before a member goes, what becomes of the secrets and API keys that they created. Nothing is chosen
 * beforehand: neither a program that stops nor a way in that stays comes about by accident.
 */
export function appMemberRemoval(frame: Frame, props: AppMemberRemovalProps): Html {
  const { app, self, credentials } = props;
  const name = props.member.name || props.member.email || 'this member';
  return appPage(frame, {
    app,
    current: 'members',
    title: self ? 'Leave the app' : `Remove ${name}`,
    heading: self ? html`Leave the app` : html`Remove <bdi>${name}</bdi>`,
    lead: self
      ? 'You created secrets and API keys that programs of this app may use.'
      : html`<bdi>${name}</bdi> created secrets and API keys of this app, and may still have their values.`,
    trail: [['Members', appPath(app, '/members')]],
    body: html`<section class="panel" aria-labelledby="created">
      <h2 id="created">What works</h2>
      <ul class="rows">${credentials.map((credential) => html`<li>${item(credential, frame.now)}</li>`)}</ul>
    </section>
    <section class="panel" aria-labelledby="decide">
      <h2 id="decide">What becomes of it</h2>
      ${postForm(
        frame,
        appPath(app, self ? '/members/leave' : '/members/remove'),
        html`${!self && html`<input type="hidden" name="account_id" value="${props.member.accountId}">`}
        ${choiceCards({
          name: 'credentials',
          legend: 'Secrets and API keys',
          wide: true,
          cards: [
            {
              value: 'end',
              label: 'End them now',
              description:
                'Programs that use them are turned away at once. Where a secret ends, so do the access and refresh tokens of its client.',
            },
            {
              value: 'keep',
              label: 'Keep them',
              description: self
                ? 'Programs go on. Others can delete them later, one by one.'
                : 'Programs go on, and so does everybody who has the values, until you delete them.',
            },
          ],
        })}
        <button type="submit" class="danger">${self ? 'Leave the app' : html`Remove <bdi>${name}</bdi>`}</button>
        <a class="button plain" href="${appPath(app, '/members')}">Cancel</a>`,
        'wide',
      )}
    </section>`,
  });
}

const item = (
  { kind, client, name, hint, createdAt, lastUsedAt }: CredentialShown,
  now: Date,
): Html => html`<div class="row-head">
    <div class="glyph">${keyIcon}</div>
    <div class="row-name"><h3>${
      kind === 'api_key'
        ? html`API key <bdi>${name}</bdi>`
        : html`Secret${hint && html` <span class="mono">…${hint}</span>`}`
    }</h3>
      <p class="sub">Of <bdi>${client}</bdi>. Made ${briefly(createdAt, fromNow(createdAt, now))}. ${
        lastUsedAt
          ? html`Last used ${briefly(lastUsedAt, fromNow(lastUsedAt, now))}.`
          : 'Not used yet.'
      }</p></div>
  </div>`;
