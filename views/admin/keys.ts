import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { dangerous } from '../components/danger.ts';
import { postForm } from '../components/form.ts';
import { keyIcon } from '../components/icons.ts';
import { ago, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { can } from './rights.ts';
import { adminPage } from './shell.ts';

/** A key that signs JWTs. */
export interface AdminKey {
  kid: string;
  alg: string;
  state: 'announced' | 'signing' | 'retired';
  createdAt: Date;
  signingSince: Date | null;
  retiredAt: Date | null;
  /** When an announced key can begin to sign. */
  readyAt: Date | null;
}

const states = {
  announced: 'Next: verifiers learn it before it signs.',
  signing: 'It signs.',
  retired: 'It signs no more. Its tokens are valid until they expire.',
};

const stateBadge = ({ state }: AdminKey): Html =>
  badge(
    { announced: 'Announced', signing: 'Signs', retired: 'Retired' }[state],
    state === 'signing' ? 'care' : 'neutral',
  );

/** The life of a key so far, the latest first. */
function timeline({ now }: Frame, key: AdminKey): Html {
  const { createdAt, signingSince, retiredAt, readyAt } = key;
  return html`<ol class="timeline">
    <li>Announced ${ago(createdAt, now)}</li>
    ${signingSince ? html`<li>Began to sign ${ago(signingSince, now)}</li>` : readyAt && html`<li>Can sign ${readyAt <= now ? 'now' : momentFromNow(readyAt, now)}</li>`}
    ${retiredAt && html`<li>Retired ${ago(retiredAt, now)}</li>`}
  </ol>`;
}

export interface AdminKeysProps {
  keys: AdminKey[];
  problem?: string | undefined;
}

/** The keys that sign tokens, by algorithm; their rotation and revocation. */
export function adminKeys(frame: Frame, { keys, problem }: AdminKeysProps): Html {
  const writes = can(frame, 'keys:write');
  const algorithms = Map.groupBy(keys, ({ alg }) => alg);
  return adminPage(frame, {
    section: 'keys',
    title: 'Keys',
    lead: 'They sign JWTs and ID tokens. Verifiers read the public ones from this server.',
    problem,
    body: html`${[...algorithms].map(
      ([alg, list]) =>
        html`<section class="panel" aria-labelledby="${alg}"><h2 id="${alg}">${alg}</h2>
        <ul class="rows">${list.map(
          (key) =>
            html`<li><div class="row-head top"><div class="glyph">${keyIcon}</div><div class="row-name"><h3><code>${key.kid}</code> ${stateBadge(key)}</h3><p class="sub">${states[key.state]}</p>${timeline(frame, key)}</div></div>${writes && revoking(frame, key)}</li>`,
        )}</ul>
        ${
          writes &&
          dangerous(
            html`Rotate the keys of ${alg}…`,
            html`<p>The announced key signs from now on, the one that signs now retires, and a new one is announced. No token is revoked. Writ does it by itself, as <code>SIGNING_KEY_ROTATION_DAYS</code> says.</p>${postForm(frame, '/admin/keys/rotate', html`<input type="hidden" name="alg" value="${alg}"><button type="submit" class="danger">Rotate now</button>`)}`,
          )
        }</section>`,
    )}
    ${
      writes &&
      html`<section class="panel" aria-labelledby="sealed"><h2 id="sealed">Encryption at rest</h2>
        <p class="sub">Secrets in the database are encrypted with <code>SECRET_KEYS</code>. After adding a new first key there, encrypt them again with it; then the old key can be removed.</p>
        ${postForm(frame, '/admin/keys/reseal', html`<button type="submit" class="plain">Encrypt again</button>`, 'inline')}</section>`
    }`,
  });
}

const revoking = (frame: Frame, key: AdminKey): Html =>
  dangerous(
    html`Revoke<span class="visually-hidden"> the key ${key.kid}</span>…`,
    html`<p>Only for a key that someone else may have: <strong>every token that it signed is revoked now</strong>, of all clients and people. The key leaves the JWK Set, and the announced key signs in its place. APIs that verify JWTs by themselves accept its tokens until they read the keys again. If it is not stolen, rotate instead.</p>
    ${postForm(frame, '/admin/keys/revoke', html`<input type="hidden" name="kid" value="${key.kid}"><button type="submit" class="danger">Revoke the key and its tokens</button>`)}`,
  );
