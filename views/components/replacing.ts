// How a token or an API key gets a new value, and what happens to the old one.
import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';
import { describedBy } from './field.ts';
import { information, warning } from './notice.ts';
import { duration, fromNow, moment } from './time.ts';
import { endOf, type TokenShown, tokenHint } from './token.ts';

/** How long the old value keeps working. */
export function overlapChoice(props: {
  /** Seconds. */
  overlaps: readonly number[];
  value: string | undefined;
  problem?: string | undefined;
  autofocus?: boolean;
}): Html {
  const { overlaps, value, problem, autofocus } = props;
  return html`<fieldset class="choice" ${describedBy({ id: 'overlap', problem })}>
    <legend>The old value stops working</legend>
    <div>${overlaps.map(
      (seconds, index) =>
        html`<label><input type="radio" name="overlap" value="${seconds}" required${value === String(seconds) && html` checked`}${autofocus && index === 0 && html` autofocus`}> ${seconds === 0 ? 'Now' : `In ${duration(seconds)}`}</label>`,
    )}</div>
    ${problem && html`<p class="field-problem" id="overlap-problem" role="alert">${problem}</p>`}
  </fieldset>`;
}

/**
 * The label of the default expiry of a new value: the lifetime of the old one, in whole days or hours, or `longest`
 * (seconds; null if there is no maximum) if that is shorter.
 */
export function lifeAsBefore(
  { createdAt, expiresAt }: Pick<TokenShown, 'createdAt' | 'expiresAt'>,
  longest: number | null,
): string {
  const life = expiresAt && (expiresAt.getTime() - createdAt.getTime()) / 1000;
  if (longest !== null && (life === null || life > longest))
    return `After the maximum, in ${duration(longest)}`;
  if (life === null) return 'Never, as before';
  const unit = life < 86_400 ? 3600 : 86_400;
  return `In ${duration(Math.max(1, Math.round(life / unit)) * unit)}, as before`;
}

/** What happens to the old value once there is a new one. */
export const oldValue = (
  { now }: Frame,
  { status, expiresAt }: Pick<TokenShown, 'status' | 'expiresAt'>,
): Html =>
  status === 'active' && expiresAt
    ? html`The old value works until ${moment(expiresAt)}, ${fromNow(expiresAt, now)}. Give your programs the new one before then.`
    : html`The old value no longer works. Give your programs the new one.`;

/** Why a token no longer works, or not for long; nothing for one that works. */
export function endingOf(
  { now }: Frame,
  token: TokenShown,
  words: {
    /** `token` */
    called: string;
    /** The path of the page of the token that replaced this one. */
    pathOf: (successor: { id: string }) => string;
    revoked: string;
    inactive: string;
  },
): Html | '' {
  const { status, expiresAt, replacedBy, leaked } = token;
  const successor =
    replacedBy &&
    html`Use <a href="${words.pathOf(replacedBy)}">the new value, ending in ${tokenHint(replacedBy.hint)}</a>.`;
  if (status === 'active')
    return successor
      ? information(
          html`<p><strong>This ${words.called} was regenerated. Its old value works until ${expiresAt ? html`${moment(expiresAt)}, ${fromNow(expiresAt, now)}` : 'you revoke it'}.</strong> ${successor}</p>`,
        )
      : '';
  const end = endOf(token);
  const when = end && html` ${fromNow(end, now)}, on ${moment(end)}`;
  if (leaked)
    return warning(
      html`<p><strong>It was revoked because it leaked${when}.</strong> Its value was reported to be public. Create a new ${words.called}, and check where the old one was stored.</p>`,
    );
  if (successor)
    return information(
      html`<p><strong>This ${words.called} was regenerated. Its old value stopped working${when}.</strong> ${successor}</p>`,
    );
  const what = { ...words, expired: 'It expired' }[status];
  return information(html`<p><strong>${what}${when}.</strong> It no longer works.</p>`);
}
