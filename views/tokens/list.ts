import { html } from 'hono/html';
import { keyIcon } from '../components/icons.ts';
import { support } from '../components/support.ts';
import { table } from '../components/table.ts';
import { briefly, fromNow } from '../components/time.ts';
import { ends, type TokenShown, tokenBadge, tokenHint, tokenPath } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

/** The columns that tokens can be sorted by. */
export type TokenSort = 'name' | 'created' | 'expires' | 'used';

export interface AccountTokensProps {
  /** Tokens that work, sorted. */
  active: TokenShown[];
  /** Tokens that expired or were revoked, sorted. */
  ended: TokenShown[];
  /** The search text; empty for all tokens. */
  search: string;
  sort: TokenSort;
  /** Whether the order is the opposite of the usual one. */
  reversed: boolean;
  /** Whether the person has tokens, found by the search or not. */
  any: boolean;
  /** Whether there is an API that people can create tokens for. */
  canCreate: boolean;
}

/** The personal access tokens of a person. */
export function accountTokens(frame: Frame, props: AccountTokensProps): Html {
  const { active, ended, any, canCreate } = props;
  return accountPage(frame, {
    title: 'Tokens',
    lead: 'With a personal access token, a script of yours calls an API as you, within the scopes of the token.',
    actions: any && canCreate ? createLink : undefined,
    body: any
      ? html`${search(props)}
        ${
          active.length > 0
            ? html`<section class="panel flush" aria-labelledby="active"><h2 id="active">Active</h2>${list(frame, props, active, 'Active tokens')}</section>`
            : html`<section class="panel" aria-labelledby="active"><h2 id="active">Active</h2><p class="sub">${props.search ? html`No token has <bdi>“${props.search}”</bdi> in its name or scopes.` : 'You have no active tokens.'}</p></section>`
        }
        ${
          ended.length > 0 &&
          html`<section class="panel flush" aria-labelledby="ended"><h2 id="ended">Expired and revoked</h2>
            <p class="sub">They no longer work, and are listed for 30 days.</p>${list(frame, props, ended, 'Expired and revoked tokens')}</section>`
        }`
      : nothing(frame, canCreate),
  });
}

const createLink = html`<a class="button" href="/account/tokens/new">Create a token</a>`;

/** The path of the list with another search or order. */
function listPath(query: { search: string; sort: TokenSort; reversed: boolean }): string {
  const { search, sort, reversed } = query;
  const text = new URLSearchParams({
    ...(search && { q: search }),
    sort: `${reversed ? '-' : ''}${sort}`,
  });
  return `/account/tokens?${text}`;
}

function search(props: AccountTokensProps): Html {
  const { search, sort, reversed } = props;
  return html`<search class="search"><form method="get" action="/account/tokens">
    <input type="hidden" name="sort" value="${reversed && '-'}${sort}">
    <div class="field"><label for="q" class="visually-hidden">Search by name or scope</label>
      <input id="q" name="q" type="search" value="${search}" placeholder="Name or scope" maxlength="100" autocomplete="off"></div>
    <button type="submit" class="plain">Search</button>
    ${search && html`<a class="edit" href="${listPath({ ...props, search: '' })}">Show all</a>`}
  </form></search>`;
}

/** The usual order of each column: A first, the newest, the next to expire, the most recently used. */
const usualOrder: Record<TokenSort, 'ascending' | 'descending'> = {
  name: 'ascending',
  created: 'descending',
  expires: 'ascending',
  used: 'descending',
};

const opposite = { ascending: 'descending', descending: 'ascending' } as const;

function list(
  frame: Frame,
  props: AccountTokensProps,
  tokens: TokenShown[],
  caption: string,
): Html {
  const { search, reversed } = props;
  const isEnded = tokens === props.ended;
  const sorted = (sort: TokenSort) => {
    const isThis = props.sort === sort;
    return {
      href: listPath({ search, sort, reversed: isThis && !reversed }),
      order: isThis ? (reversed ? opposite[usualOrder[sort]] : usualOrder[sort]) : undefined,
    };
  };
  return table({
    caption,
    columns: [
      { label: 'Name', sort: sorted('name') },
      { label: 'Scopes' },
      { label: 'Created', keep: true, sort: sorted('created') },
      { label: isEnded ? 'Stopped' : 'Expires', sort: sorted('expires') },
      { label: 'Last used', keep: true, sort: sorted('used') },
      ...(isEnded ? [] : [{ label: 'Action', hidden: true }]),
    ],
    rows: tokens.map((token) => row(frame, token)),
  });
}

function row({ now }: Frame, token: TokenShown): Html[] {
  return [
    html`<div class="named"><span class="kind">${keyIcon}</span><div><a href="${tokenPath(token)}"><bdi>${token.name}</bdi></a> ${tokenBadge(token, now)}
      <span class="id">…${token.hint ?? ''}</span></div></div>`,
    scopes(token),
    briefly(token.createdAt, fromNow(token.createdAt, now)),
    endsOrReplaced(token, now),
    token.lastUsedAt ? briefly(token.lastUsedAt, fromNow(token.lastUsedAt, now)) : html`Never`,
    ...(token.status === 'active'
      ? [
          html`<a class="edit warn" href="${tokenPath(token, '/revoke')}">Revoke<span class="visually-hidden"> <bdi>${token.name}</bdi></span></a>`,
        ]
      : []),
  ];
}

/** The list shows this many scopes; the page of a token shows all. */
const scopesShown = 3;

function scopes({ scopes, resource }: TokenShown): Html {
  const more = scopes.length - scopesShown;
  return html`<span class="stack"><span class="names">${scopes
    .slice(0, scopesShown)
    .map(
      ({ name }) => html`<code><bdi>${name}</bdi></code>`,
    )}${more > 0 && html`<span class="aside">and ${more} more</span>`}</span><span class="aside"><bdi>${resource}</bdi></span></span>`;
}

function endsOrReplaced(token: TokenShown, now: Date): Html {
  const { replacedBy } = token;
  const when = ends(token, now);
  return replacedBy
    ? html`<span class="stack">${when}<span class="aside">replaced by <a href="${tokenPath(replacedBy)}"><span class="visually-hidden">the token ending in </span>${tokenHint(replacedBy.hint)}</a></span></span>`
    : when;
}

function nothing(frame: Frame, canCreate: boolean): Html {
  return html`<section class="panel empty" aria-labelledby="empty">
    <div class="glyph">${keyIcon}</div>
    <h2 id="empty">You have no tokens yet</h2>
    ${
      canCreate
        ? html`<p>Create one for a script or a backup job that calls an API as you, without your password. You choose its scopes and when it expires.</p>
          ${createLink}`
        : html`<p>No API accepts personal access tokens yet. Ask ${support(frame)} to open one to them.</p>`
    }
  </section>`;
}
