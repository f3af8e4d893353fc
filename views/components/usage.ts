import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { count } from './number.ts';
import { table } from './table.ts';
import { dayInWords, shortDay } from './time.ts';

/** Access tokens by day (UTC), the oldest day first. */
export interface UsageShown {
  /** `2026-11-22` */
  days: string[];
  clients: { clientId: string; displayName: string; deleted: boolean; accessTokens: number[] }[];
}

export const sum = (values: number[]): number => values.reduce((all, value) => all + value, 0);

const dayOf = (day: string): Date => new Date(`${day}T00:00:00Z`);

const WIDTH = 20;
const HEIGHT = 100;

/** The number of access tokens that the clients of an app got, as bars and as numbers. */
export function usageChart(usage: UsageShown): Html {
  const { days, clients } = usage;
  const perDay = days.map((_, index) =>
    sum(clients.map(({ accessTokens }) => accessTokens[index] ?? 0)),
  );
  const total = sum(perDay);
  return html`<section class="panel" aria-labelledby="usage">
    <div class="usage-head"><h2 id="usage">Access tokens</h2>
      <p><strong>${count(total)}</strong> <span>in ${days.length} days</span></p></div>
    ${
      total > 0
        ? html`${chart(days, perDay, total)}${numbers(usage, perDay)}`
        : html`<p class="sub">No client got a token in this time.</p>`
    }
  </section>`;
}

function chart(days: string[], perDay: number[], total: number): Html {
  const most = Math.max(...perDay);
  const [first = '', last = ''] = [days[0], days.at(-1)];
  const busiest = dayInWords(dayOf(days[perDay.indexOf(most)] ?? ''));
  const summary = `Access tokens by day: ${count(total)} in ${days.length} days, at most ${count(most)} on ${busiest}`;
  return html`<figure class="chart" role="img" aria-label="${summary}">
    <p class="chart-most" aria-hidden="true">${count(most)}</p>
    <svg class="bars" viewBox="0 0 ${days.length * WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">${perDay.map(
      (tokens, index) => bar(tokens, index, most, days[index] ?? ''),
    )}</svg>
    <div class="chart-days" aria-hidden="true"><span>${shortDay(dayOf(first))}</span><span>${shortDay(dayOf(last))}</span></div>
  </figure>`;
}

function bar(tokens: number, index: number, most: number, day: string): Html | '' {
  if (tokens === 0) return '';
  // One token among a million is visible too.
  const height = Math.max(2, Math.round((tokens / most) * HEIGHT * 10) / 10);
  return html`<rect x="${index * WIDTH + 3}" y="${HEIGHT - height}" width="${WIDTH - 6}" height="${height}"><title>${dayInWords(dayOf(day))}: ${count(tokens)}</title></rect>`;
}

function numbers({ days, clients }: UsageShown, perDay: number[]): Html {
  const active = clients
    .map((client) => ({ ...client, total: sum(client.accessTokens) }))
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total);
  return html`<details><summary>In numbers</summary><div class="numbers">
    ${table({
      caption: 'Access tokens by client',
      narrow: true,
      columns: [
        { label: 'Client' },
        { label: 'Last 7 days', number: true },
        { label: `${days.length} days`, number: true },
      ],
      rows: active.map(({ clientId, deleted, accessTokens, total }) => [
        html`<code><bdi>${clientId}</bdi></code>${deleted && html` <span class="aside">deleted</span>`}`,
        count(sum(accessTokens.slice(-7))),
        count(total),
      ]),
    })}
    ${table({
      caption: 'Access tokens by day, newest first',
      narrow: true,
      columns: [{ label: 'Day (UTC)' }, { label: 'Access tokens', number: true }],
      rows: days.map((day, index) => [dayInWords(dayOf(day)), count(perDay[index] ?? 0)]).reverse(),
    })}
  </div></details>`;
}
