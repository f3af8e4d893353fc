import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { select } from '../components/controls.ts';
import { facts } from '../components/facts.ts';
import { field, fieldsOf } from '../components/field.ts';
import { ago, moment } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { filterForm, type PagerProps, pager } from './list.ts';
import { adminPage } from './shell.ts';

/** Who did something, or what it was done to. */
export interface AuditParty {
  /** account, client, token, … */
  kind: string;
  id: string | null;
  /** The name of a person. */
  name: string | null;
  /** Its page in the console, if the reader may see that. */
  href: string | undefined;
}

export interface AuditEventShown {
  id: number;
  at: Date;
  action: string;
  refused: boolean;
  actor: AuditParty;
  target: AuditParty | null;
  ip: string | null;
  tokenId: string | null;
  requestId: string | null;
  details: Record<string, unknown> | null;
}

export type AuditFilterField = 'action' | 'actor' | 'about' | 'result' | 'from' | 'to';

export interface AuditProps {
  events: AuditEventShown[];
  actions: readonly string[];
  filter: Partial<Record<AuditFilterField, string | undefined>>;
  pages: Omit<PagerProps, 'shown'>;
  /** The same filter, as a file. */
  exports: { csv: string; lines: string };
  /** The page that loads itself again, or the one that does not if this one does. */
  follow: { href: string; isOn: boolean };
  problem?: string | undefined;
}

/** The audit: who did what, to whom, from where, when, and whether it was allowed. */
export function adminAudit(frame: Frame, props: AuditProps): Html {
  const { events, actions, filter, pages, exports, follow } = props;
  const of = fieldsOf<AuditFilterField>({
    order: ['action', 'actor', 'about', 'result', 'from', 'to'],
    values: filter,
    focusFirst: false,
  });
  const day = (name: 'from' | 'to', label: string) =>
    field({
      ...of(name),
      label,
      optional: true,
      maxLength: 10,
      attributes: html`placeholder="2026-11-30" inputmode="numeric"`,
    });
  return adminPage(frame, {
    section: 'audit',
    title: 'Audit',
    lead: 'Who did what, to whom, from where and when. Newest first.',
    problem: props.problem,
    actions: html`<a class="button plain" href="${follow.href}">${follow.isOn ? 'Stop following' : 'Follow'}</a>`,
    body: html`<section class="panel" aria-label="Filter">
      ${filterForm(
        '/admin/audit',
        html`${select({
          ...of('action'),
          label: 'Action',
          options: [
            { value: '', label: 'Any' },
            ...actions.map((action) => ({ value: action, label: action })),
          ],
        })}
        ${field({ ...of('actor'), label: 'By (ID or address)', optional: true, maxLength: 320 })}
        ${field({ ...of('about'), label: 'By or on (ID or address)', optional: true, maxLength: 500 })}
        ${select({
          ...of('result'),
          label: 'Result',
          options: [
            { value: '', label: 'Any' },
            { value: 'success', label: 'Done' },
            { value: 'refused', label: 'Refused' },
          ],
        })}
        ${day('from', 'From (UTC day)')}
        ${day('to', 'To (UTC day)')}`,
        { isFiltered: Object.values(filter).some(Boolean) },
      )}
      <p class="sub">Download what matches: <a href="${exports.csv}" download>CSV</a> · <a href="${exports.lines}" download>JSON lines</a></p>
    </section>
    <section class="panel" aria-label="Events">
      ${
        events.length === 0
          ? html`<p class="sub">There are no such events.</p>`
          : html`<ul class="rows audit-events">${events.map((event) => row(frame, event))}</ul>`
      }
      ${pager({ ...pages, shown: '' })}
    </section>`,
  });
}

const party = ({ kind, id, name, href }: AuditParty): Html => {
  const text = name
    ? html`<bdi>${name}</bdi>`
    : id
      ? html`<span class="aside">${kind}</span> <bdi>${id}</bdi>`
      : kind === 'system'
        ? 'the server'
        : kind;
  return href ? html`<a href="${href}">${text}</a>` : html`${text}`;
};

function row({ now }: Frame, event: AuditEventShown): Html {
  return html`<li><details class="audit-event"><summary><span class="event-what"><code>${event.action}</code>${event.refused && html` ${badge('Refused', 'bad')}`}</span>
    <span class="event-who">${event.actor.name ? html`<bdi>${event.actor.name}</bdi>` : (event.actor.id ?? 'the server')}${event.target && event.target.id !== event.actor.id && html` <span class="aside">→</span> <bdi>${event.target.name ?? event.target.id}</bdi>`}</span>
    <span class="event-when">${ago(event.at, now)}</span></summary>
    ${facts([
      ['When', moment(event.at)],
      ['By', party(event.actor)],
      ...(event.target ? [['On', party(event.target)] as [string, Html]] : []),
      ...(event.ip ? [['From', html`<bdi>${event.ip}</bdi>`] as [string, Html]] : []),
      ...(event.tokenId ? [['Token', html`<code>${event.tokenId}</code>`] as [string, Html]] : []),
      ...(event.requestId
        ? [['Request', html`<code>${event.requestId}</code>`] as [string, Html]]
        : []),
      ...(event.details
        ? [
            [
              'Details',
              html`<pre class="details"><code>${JSON.stringify(event.details, null, 2)}</code></pre>`,
            ] as [string, Html],
          ]
        : []),
    ])}</details></li>`;
}
