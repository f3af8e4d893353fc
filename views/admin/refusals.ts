import { html } from 'hono/html';
import { sentenceCase } from '../components/sentence-case.ts';
import { ago } from '../components/time.ts';
import type { Html } from '../layout/frame.ts';

/** The last refusal of a client with an error code. */
export interface RefusalShown {
  /** Empty if a person got a page. */
  error: string;
  reason: string;
  /** Null unless the caller failed to authenticate. */
  address: string | null;
  at: Date;
}

const whatOf = ({ error, reason }: RefusalShown): Html =>
  html`<bdi>${sentenceCase(reason)}</bdi>${error !== '' && html` <code>${error}</code>`}`;

const whenOf = ({ address, at }: RefusalShown, now: Date): Html =>
  html`${ago(at, now)}${address !== null && html` from <bdi>${address}</bdi>`}`;

/** Why a client is refused, the latest reason first. */
export const refusalList = (refusals: readonly RefusalShown[], now: Date): Html =>
  html`<ul class="plain-list findings">${refusals.map(
    (refusal) =>
      html`<li><p>${whatOf(refusal)}</p><p class="remedy">${whenOf(refusal, now)}</p></li>`,
  )}</ul>`;

/** The refusal that explains the others: after too many wrong secrets, a limit refuses. */
export const mainRefusal = (refusals: readonly RefusalShown[]): RefusalShown | undefined =>
  refusals.find(({ error }) => error === 'invalid_client') ?? refusals[0];

/** A refusal in a line. */
export const refusalLine = (refusal: RefusalShown, now: Date): Html =>
  html`<p>${whatOf(refusal)} <span class="aside">${whenOf(refusal, now)}</span></p>`;
