import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { count } from '../components/number.ts';
import { table } from '../components/table.ts';
import { duration } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { adminPage } from './shell.ts';

export interface SettingShown {
  /** Its environment variable. */
  name: string;
  group: string;
  meaning: string;
  /** Its default: a value, or words. */
  usual: string;
  /** Undefined if it is not set, or secret. */
  value: string | undefined;
  /** It is set, and is not shown. */
  isSecret: boolean;
  isDefault: boolean;
}

/** Every setting with its value, its default and its meaning. */
export function adminSettings(frame: Frame, { settings }: { settings: SettingShown[] }): Html {
  const groups = [...Map.groupBy(settings, ({ group }) => group)];
  return adminPage(frame, {
    section: 'settings',
    title: 'Settings',
    lead: 'What the server that shows this page was started with. To change a setting, set its environment variable and start every server again.',
    body: html`${groups.map(
      ([group, own], index) => html`<section class="panel" aria-labelledby="group-${index}">
        <h2 id="group-${index}">${group}</h2>
        <ul class="plain-list findings">${own.map(
          ({ name, meaning, usual, value, isSecret, isDefault }) => html`<li>
            <p><code>${name}</code>${!isDefault && html` ${badge('Set', 'neutral')}`}</p>
            <p class="setting-value">${
              isSecret
                ? 'Set; it is secret, and not shown.'
                : value === undefined || value === ''
                  ? html`<span class="aside">Not set. Default: ${usual}</span>`
                  : name === 'LIMITS'
                    ? html`<a href="/admin/limits">See the limits</a>`
                    : html`<code><bdi>${value}</bdi></code>`
            }</p>
            <p class="remedy">${meaning}.</p></li>`,
        )}</ul>
      </section>`,
    )}`,
  });
}

export interface LimitShown {
  name: string;
  meaning: string;
  /** Which calls count together. */
  by: string;
  /** Which calls count. */
  counts: string;
  /** Undefined if it is off. */
  now: { points: number; seconds: number } | undefined;
  isDefault: boolean;
  /** How many calls it refused in the last day. */
  refused: number;
}

/** Every rate limit, those that refused calls first. */
export const adminLimits = (frame: Frame, { limits }: { limits: LimitShown[] }): Html =>
  adminPage(frame, {
    section: 'limits',
    title: 'Limits',
    lead: 'How often callers can call, and how often their credentials can be wrong. Those that refused calls come first.',
    body: html`<section class="panel flush" aria-label="Limits">${table({
      caption: 'Rate limits',
      columns: [
        { label: 'Limit' },
        { label: 'At most', keep: true },
        { label: 'For each' },
        { label: 'Refused in a day', number: true },
      ],
      rows: [...limits]
        .sort((a, b) => b.refused - a.refused)
        .map(({ name, meaning, by, counts, now, isDefault, refused }) => [
          html`<code>${name}</code>${!isDefault && html` ${badge(now ? 'Changed' : 'Off', now ? 'neutral' : 'care')}`}<span class="aside block">${meaning}</span>`,
          now ? `${count(now.points)} ${counts} in ${duration(now.seconds)}` : 'No limit',
          by,
          count(refused),
        ]),
    })}</section>
    <p class="sub">Change them with <code>LIMITS=NAME=POINTS/SECONDS</code>, and start every server again.</p>`,
  });
