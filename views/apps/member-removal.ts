import { html } from 'hono/html';
import { type AppShown, appPath, appSubpage } from '../components/app.ts';
import { choiceCards } from '../components/controls.ts';
import { postForm } from '../components/form.ts';
import { keyIcon } from '../components/icons.ts';
import { briefly, fromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppMemberRemovalProps {
  app: AppShown;
  member: { accountId: string; name: string; email: string | null };
  /** Whether the viewer is the member who leaves. */
  self: boolean;
  /** What they created and still works, newest first; at least one. */
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
 * Asks, before a member leaves, whether to revoke the secrets and API keys that they created. Nothing is preselected:
 * neither a broken program nor a remaining credential should be an accident.
 */
export function appMemberRemoval(frame: Frame, props: AppMemberRemovalProps): Html {
  const { app, self, credentials } = props;
  const name = props.member.name || props.member.email || 'this member';
  return appSubpage(frame, {
    app,
    trail: [['Members', appPath(app, '/members')]],
    title: self ? 'Leave the app' : `Remove ${name}`,
    heading: self ? html`Leave the app` : html`Remove <bdi>${name}</bdi>`,
    lead: self
      ? 'You created secrets and API keys that programs of this app can use.'
      : html`<bdi>${name}</bdi> created secrets and API keys of this app, and can still have their values.`,
    body: html`<section class="panel" aria-labelledby="created">
      <h2 id="created">Secrets and API keys</h2>
      <ul class="rows">${credentials.map((credential) => html`<li>${item(credential, frame.now)}</li>`)}</ul>
    </section>
    <section class="panel" aria-label="What to do with them">
      ${postForm(
        frame,
        appPath(app, self ? '/members/leave' : '/members/remove'),
        html`${!self && html`<input type="hidden" name="account_id" value="${props.member.accountId}">`}
        ${choiceCards({
          name: 'credentials',
          legend: 'What to do with these secrets and API keys',
          wide: true,
          cards: [
            {
              value: 'end',
              label: 'Revoke them',
              description:
                'Programs that use them stop working now. Revoking a secret also revokes the access and refresh tokens of its client.',
            },
            {
              value: 'keep',
              label: 'Keep them',
              description: self
                ? 'Programs keep working. Other members can revoke them later, one by one.'
                : 'Programs keep working, and so does everyone who has the values, until you revoke them.',
            },
          ],
        })}
        <div class="form-end"><button type="submit" class="danger">${self ? 'Leave the app' : html`Remove <bdi>${name}</bdi>`}</button><a class="button plain" href="${appPath(app, '/members')}">Cancel</a></div>`,
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
      <p class="sub">Client <bdi>${client}</bdi>. Created ${briefly(createdAt, fromNow(createdAt, now))}. ${
        lastUsedAt
          ? html`Last used ${briefly(lastUsedAt, fromNow(lastUsedAt, now))}.`
          : 'Never used.'
      }</p></div>
  </div>`;
