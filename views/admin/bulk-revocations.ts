import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { facts } from '../components/facts.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { checkIcon, warningIcon } from '../components/icons.ts';
import { count } from '../components/number.ts';
import { table } from '../components/table.ts';
import { ago, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { can } from './rights.ts';
import { adminPage } from './shell.ts';
import { tokenKinds } from './tokens.ts';

/** Which tokens, in the words of the list. */
export interface FilterShown {
  name?: string | undefined;
  client?: string | undefined;
  /** A name, an address or an ID. */
  person?: string | undefined;
  kind?: string | undefined;
  subject?: string | undefined;
}

/** A revocation of all tokens that match a filter. */
export interface BulkRevocationShown {
  id: string;
  filter: FilterShown;
  state: 'running' | 'done' | 'stopped';
  revoked: number;
  /** Tokens that its person may not revoke. */
  refused: number;
  /** The person or the client that began it. */
  by: string;
  beganAt: Date;
  workedAt: Date;
  endedAt: Date | null;
}

const home = '/admin/tokens/revocations';

export const bulkRevocationPath = (id: string, rest = ''): string =>
  `${home}/${encodeURIComponent(id)}${rest}`;

const trail: [string, string][] = [['Bulk revocations', home]];

const factsOf = ({
  name,
  client,
  person,
  kind,
  subject,
}: FilterShown): [string, Html | string][] => {
  const list: [string, Html | string | undefined][] = [
    ['Name begins with', name && html`<bdi>${name}</bdi>`],
    ['Client', client && html`<bdi>${client}</bdi>`],
    ['Person', person && html`<bdi>${person}</bdi>`],
    ['Kind', kind && (tokenKinds[kind] ?? kind)],
    ['Subject', subject && html`<bdi>${subject}</bdi>`],
  ];
  return list.filter(
    (fact): fact is [string, Html | string] => fact[1] !== undefined && fact[1] !== '',
  );
};

/** The filter in a line. */
const inWords = (filter: FilterShown): Html =>
  html`${factsOf(filter).map(([label, value], index) => html`${index > 0 && ', '}${label.toLowerCase()} ${value}`)}`;

const tokensOf = (number: number): string => (number === 1 ? '1 token' : `${count(number)} tokens`);

const stateBadge = ({ state }: BulkRevocationShown): Html | '' =>
  state === 'running'
    ? badge('Running', 'care')
    : state === 'stopped'
      ? badge('Stopped', 'neutral')
      : '';

/** The last bulk revocations. */
export const adminBulkRevocations = (
  frame: Frame,
  { revocations }: { revocations: BulkRevocationShown[] },
): Html =>
  adminPage(frame, {
    section: 'tokens',
    trail: [],
    title: 'Bulk revocations',
    lead: 'Revocations of all tokens that matched a filter. To begin one, filter the tokens.',
    body:
      revocations.length === 0
        ? html`<section class="panel"><p class="sub">There were none in the last 90 days.</p></section>`
        : html`<section class="panel flush" aria-label="Bulk revocations">${table({
            caption: 'Bulk revocations',
            columns: [
              { label: 'Tokens' },
              { label: 'Revoked', number: true },
              { label: 'By' },
              { label: 'Began', keep: true },
            ],
            rows: revocations.map((each) => [
              html`<a href="${bulkRevocationPath(each.id)}">${inWords(each.filter)}</a> ${stateBadge(each)}`,
              count(each.revoked),
              html`<bdi>${each.by}</bdi>`,
              ago(each.beganAt, frame.now),
            ]),
          })}</section>`,
  });

export interface BulkRevocationBeginProps {
  filter: FilterShown;
  /** The list that is filtered so. */
  back: string;
  /** Active tokens that match. */
  count: number;
  /** Whether there can be more than were counted. */
  isMore: boolean;
  /** The word that confirms it. */
  confirmation: string;
  problems?: Problems<'confirmation'> | undefined;
}

/** What would be revoked, before it is. */
export function adminBulkRevocationBegin(frame: Frame, props: BulkRevocationBeginProps): Html {
  const { filter, back, isMore, confirmation, problems } = props;
  const of = fieldsOf<'confirmation'>({
    order: ['confirmation'],
    values: undefined,
    problems,
    focusFirst: false,
  });
  const hidden = Object.entries(filter).map(
    ([name, value]) => value && html`<input type="hidden" name="${name}" value="${value}">`,
  );
  if (props.count === 0 && !isMore)
    return adminPage(frame, {
      section: 'tokens',
      trail: [],
      title: 'Nothing to revoke',
      lead: 'No active token matches.',
      body: html`<section class="panel" aria-label="Filter">${facts(factsOf(filter))}
        <div class="form-end"><a class="button plain" href="${back}">Back to the tokens</a></div></section>`,
    });
  return adminPage(frame, {
    section: 'tokens',
    trail: [],
    title: isMore
      ? `Revoke ${count(props.count)} tokens or more?`
      : `Revoke ${tokensOf(props.count)}?`,
    lead: 'They stop working, in every program that uses them. You cannot undo this.',
    problems,
    body: html`<section class="panel" aria-labelledby="which"><h2 id="which">Active tokens that match</h2>
      ${facts(factsOf(filter))}
      <p class="sub">Tokens that are issued from now on are left alone, and so are those that you may not revoke. It goes on if you close this page, and can be stopped.</p>
      ${postForm(
        frame,
        home,
        html`${hidden}${field({
          ...of('confirmation'),
          label: html`Type <code>${confirmation}</code> to confirm`,
          maxLength: 20,
          attributes: html`autocapitalize="none" autocomplete="off" spellcheck="false"`,
        })}
        <div class="form-end"><button type="submit" class="danger">Revoke all that match</button><a class="button plain" href="${back}">Cancel</a></div>`,
        { noValidate: true },
      )}</section>`,
  });
}

/** How far a bulk revocation has come. */
export function adminBulkRevocation(
  frame: Frame,
  { revocation }: { revocation: BulkRevocationShown },
): Html {
  const { id, filter, state, revoked, refused, by, beganAt, workedAt, endedAt } = revocation;
  const titles = {
    running: `${tokensOf(revoked)} revoked so far`,
    done: `${tokensOf(revoked)} revoked`,
    stopped: `Stopped after ${tokensOf(revoked)}`,
  };
  return adminPage(frame, {
    section: 'tokens',
    trail,
    title: titles[state],
    lead:
      state === 'running'
        ? 'It is running. This page loads itself again every few seconds.'
        : undefined,
    body: html`${
      state === 'done' &&
      html`<div class="box done">${checkIcon}<p>All that matched and that ${html`<bdi>${by}</bdi>`} may revoke no longer work anywhere.</p></div>`
    }${
      refused > 0 &&
      html`<div class="box warning">${warningIcon}<p>${refused === 1 ? 'One token was' : `${tokensOf(refused)} were`} left, because <bdi>${by}</bdi> may not revoke ${refused === 1 ? 'it' : 'them'}.</p></div>`
    }
    <section class="panel" aria-labelledby="about"><h2 id="about">Details</h2>${facts([
      ...factsOf(filter),
      ['Begun by', html`<bdi>${by}</bdi>`],
      ['Began', momentFromNow(beganAt, frame.now)],
      ...(endedAt
        ? [['Ended', momentFromNow(endedAt, frame.now)] as [string, Html]]
        : [['Last progress', momentFromNow(workedAt, frame.now)] as [string, Html]]),
    ])}
    ${can(frame, 'audit:read') && html`<p><a href="/admin/audit?about=${encodeURIComponent(id)}">Audit log</a></p>`}
    ${
      state === 'running' &&
      can(frame, 'tokens:revoke') &&
      postForm(
        frame,
        bulkRevocationPath(id, '/stop'),
        html`<button type="submit" class="plain">Stop</button>`,
      )
    }</section>`,
  });
}
