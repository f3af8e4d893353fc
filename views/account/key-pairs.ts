import { html } from 'hono/html';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import { keyIcon } from '../components/icons.ts';
import { momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface KeyPairShown {
  id: string;
  clientId: string;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

/** The key pairs of a person, by which programs get tokens, and the means to end them. */
export function keyPairList(frame: Frame, keyPairs: KeyPairShown[]): Html {
  return html`<h2 id="keys">Client keys</h2>
    <p class="sub">Programs with these keys can call an API as you.</p>
    <ul class="list" aria-labelledby="keys">${keyPairs.map((pair) => html`<li class="panel">${item(frame, pair)}</li>`)}</ul>`;
}

function item(frame: Frame, pair: KeyPairShown): Html {
  const { name, clientId, createdAt, lastUsedAt } = pair;
  return html`<div class="item">
    <div class="glyph">${keyIcon}</div>
    <div class="item-head"><h3><bdi>${name}</bdi></h3></div>
  </div>
  ${facts([
    ['Client id', html`<code>${clientId}</code>`],
    ['Created', momentFromNow(createdAt, frame.now)],
    ['Last used', lastUsedAt ? momentFromNow(lastUsedAt, frame.now) : 'Not yet'],
  ])}
  ${ending(frame, pair)}`;
}

function ending(frame: Frame, { id, clientId }: KeyPairShown): Html {
  const field = html`<input type="hidden" name="key_id" value="${id}">`;
  return html`<details class="danger"><summary>End…<span class="visually-hidden"> ${clientId}</span></summary>
    <p>All access and refresh tokens issued for these keys end. Programs that have the keys can get new ones, unless you delete the keys as well.</p>
    ${postForm(frame, '/account/keys/end-tokens', html`${field}<button type="submit" class="danger">End all tokens</button>`)}
    ${postForm(frame, '/account/keys/delete', html`${field}<button type="submit" class="danger">Delete the keys and end all tokens</button>`)}
  </details>`;
}
