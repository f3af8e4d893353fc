import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { type CreatorShown, creatorName } from './creator.ts';
import { keyIcon } from './icons.ts';
import { briefly, fromNow } from './time.ts';

export interface SecretShown {
  id: string;
  /** Its last characters. */
  hint: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
  createdBy?: CreatorShown | null | undefined;
}

/** Secrets without their values. `actions` is what can be done with each. */
export function secretList(
  secrets: SecretShown[],
  now: Date,
  actions: (secret: SecretShown, name: Html) => Html | '',
): Html {
  if (secrets.length === 0)
    return html`<p>The client has no secret, so it gets no tokens. Create one to use it.</p>`;
  return html`<ul class="rows folds">${secrets.map((secret) => {
    const name = nameOf(secret);
    return html`<li class="folding"><div class="row-head">
      <div class="glyph">${keyIcon}</div>
      <div class="row-name"><h3>${secret.hint ? html`<span class="mono">…${secret.hint}</span>` : 'A secret'}</h3>
        <p class="sub">Created ${ago(secret.createdAt, now)}${secret.createdBy && html` by ${creatorName(secret.createdBy)}`}. ${secret.lastUsedAt ? html`Last used ${ago(secret.lastUsedAt, now)}.` : 'Never used.'}${secret.expiresAt && html` Expires ${ago(secret.expiresAt, now)}.`}</p></div>
    </div>${actions(secret, name)}</li>`;
  })}</ul>`;
}

/** Whether the older of two secrets can be revoked: once programs use only the newer one. */
export function secretAdvice(secrets: SecretShown[], now: Date): string | undefined {
  const [older, newer] = [...secrets].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  if (!older || !newer || secrets.length !== 2) return undefined;
  if (!newer.lastUsedAt)
    return older.lastUsedAt
      ? `The new secret has not been used yet. The old one was last used ${fromNow(older.lastUsedAt, now)}: your program still has it.`
      : undefined;
  const used = fromNow(newer.lastUsedAt, now);
  if (!older.lastUsedAt)
    return `The old secret was never used, the new one ${used}: you can revoke the old one.`;
  const last = fromNow(older.lastUsedAt, now);
  return older.lastUsedAt < newer.lastUsedAt && now.getTime() - older.lastUsedAt.getTime() > quiet
    ? `The old secret was last used ${last}, the new one ${used}: you can revoke the old one.`
    : `The old secret was last used ${last}, the new one ${used}: a program still uses the old one.`;
}

/** Milliseconds without use after which a secret counts as replaced: some programs get one token a day. */
const quiet = 2 * 86_400_000;

const nameOf = ({ hint }: SecretShown): Html =>
  hint ? html`the secret ending in <span class="mono">${hint}</span>` : html`the secret`;

const ago = (date: Date, now: Date): Html => briefly(date, fromNow(date, now));
