import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { count } from '../components/number.ts';
import { table } from '../components/table.ts';
import { duration } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { adminPage } from './shell.ts';

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
    <p class="sub">Change them with <code>LIMITS=NAME=POINTS/SECONDS</code>, and restart every server.</p>`,
  });
