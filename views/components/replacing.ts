// How a token or an API key gets a new value, and what becomes of the one before.
import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';
import { information } from './notice.ts';
import { duration, fromNow, moment } from './time.ts';
import { endOf, type TokenShown, tokenHint } from './token.ts';

/** How long the old value goes on beside the new one. */
export function overlapChoice(props: {
  /** Seconds. */
  overlaps: readonly number[];
  value: string | undefined;
  problem?: string | undefined;
}): Html {
  const { overlaps, value, problem } = props;
  return html`<fieldset class="choice"${problem && html` aria-describedby="overlap-problem"`}>
    <legend>The old value ends</legend>
    <div>${overlaps.map(
      (seconds) =>
        html`<label><input type="radio" name="overlap" value="${seconds}" required${value === String(seconds) && html` checked`}> ${seconds === 0 ? 'At once' : `In ${duration(seconds)}`}</label>`,
    )}</div>
    ${problem && html`<p class="field-problem" id="overlap-problem" role="alert">${problem}</p>`}
  </fieldset>`;
}

/**
 * When a new value ends for which nothing else is chosen: it lives as long as the one before was made for,
 * in whole days or hours, and no longer than what is allowed by now, in seconds; null where that is for ever.
 */
export function lifeAsBefore(
  { createdAt, expiresAt }: Pick<TokenShown, 'createdAt' | 'expiresAt'>,
  longest: number | null,
): string {
  const life = expiresAt && (expiresAt.getTime() - createdAt.getTime()) / 1000;
  if (longest !== null && (life === null || life > longest))
    return `As late as it may: in ${duration(longest)}`;
  if (life === null) return 'As before: never';
  const unit = life < 86_400 ? 3600 : 86_400;
  return `As before: in ${duration(Math.max(1, Math.round(life / unit)) * unit)}`;
}

/** What becomes of the value before a new one. */
export const oldValue = (
  { now }: Frame,
  { status, expiresAt }: Pick<TokenShown, 'status' | 'expiresAt'>,
): Html =>
  status === 'active' && expiresAt
    ? html`The old value goes on until ${moment(expiresAt)}, which is ${fromNow(expiresAt, now)}. Give the new one to your programs before then.`
    : html`The old value has ended. Programs that still use it get nothing until they have the new one.`;

/** Why one can do nothing any more, or not for long; nothing of one that goes on. */
export function endingOf(
  { now }: Frame,
  token: TokenShown,
  words: {
    /** `token` */
    called: string;
    /** Where the one is that took its place. */
    pathOf: (successor: { id: string }) => string;
    revoked: string;
    inactive: string;
  },
): Html | '' {
  const { status, expiresAt, replacedBy } = token;
  const successor =
    replacedBy &&
    html` Its place was taken by <a href="${words.pathOf(replacedBy)}">the ${words.called} ending in ${tokenHint(replacedBy.hint)}</a>.`;
  if (status === 'active')
    return replacedBy
      ? information(
          html`<p><strong>This value goes on${expiresAt && html` until ${moment(expiresAt)}, which is ${fromNow(expiresAt, now)}`}.</strong>${successor}</p>`,
        )
      : '';
  const end = endOf(token);
  const what = { ...words, expired: 'It expired' }[status];
  return information(
    html`<p><strong>${what}${end && html` ${fromNow(end, now)}, on ${moment(end)}`}.</strong>${successor} It no longer works.</p>`,
  );
}
