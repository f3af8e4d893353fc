import { html } from 'hono/html';
import { keyIcon } from '../components/icons.ts';
import { table } from '../components/table.ts';
import { briefly, fromNow } from '../components/time.ts';
import { ends, type TokenShown, tokenBadge, tokenHint, tokenPath } from '../components/token.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

/** What tokens can be sorted by. */
export type TokenSort = 'name' | 'created' | 'expires' | 'used';

export interface AccountTokensProps {
  /** Those that are not over, as they are sorted. */
  active: TokenShown[];
  /** Those that are. */
  ended: TokenShown[];
  /** What was searched for. */
  search: string;
  /** What they are sorted by, and whether the other way round. */
  sort: TokenSort;
  reversed: boolean;
  /** There are tokens, whether the search finds them or not. */
  any: boolean;
  /** There is an API that people may make tokens for. */
  mayMake: boolean;
}

/** The personal access tokens of a person. */
export function accountTokens(frame: Frame, props: AccountTokensProps): Html {
  const { active, ended, any, mayMake } = props;
  return accountPage(frame, {
    title: 'Tokens',
    lead: 'With a personal access token, a script or a program of yours uses an API as you, and may do what the token says.',
    actions: any && mayMake ? makeOne : undefined,
    body: any
      ? html`${search(props)}
        ${
          active.length > 0
            ? html`<section class="panel flush" aria-labelledby="active"><h2 id="active">Active</h2>${list(frame, props, active, 'Active tokens')}</section>`
            : html`<section class="panel" aria-labelledby="active"><h2 id="active">Active</h2><p class="sub">${props.search ? html`None has <bdi>“${props.search}”</bdi> in its name or scopes.` : 'None of your tokens is active any more.'}</p></section>`
        }
        ${
          ended.length > 0 &&
          html`<section class="panel flush" aria-labelledby="ended"><h2 id="ended">Ended</h2>
            <p class="sub">They open nothing any more, and leave this list 30 days after their end.</p>${list(frame, props, ended, 'Ended tokens')}</section>`
        }`
      : nothing(frame, mayMake),
  });
}

const makeOne = html`<a class="button" href="/account/tokens/new">Make a token</a>`;

/** The address of the list as it would be otherwise. */
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

/** What comes first where a list is sorted by it: the first letter, the newest, the next to end, the last used. */
const firstIs: Record<TokenSort, 'ascending' | 'descending'> = {
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
      order: isThis ? (reversed ? opposite[firstIs[sort]] : firstIs[sort]) : undefined,
    };
  };
  return table({
    caption,
    columns: [
      { label: 'Name', sort: sorted('name') },
      { label: 'May do' },
      { label: 'Made', keep: true, sort: sorted('created') },
      { label: isEnded ? 'Ended' : 'Ends', sort: sorted('expires') },
      { label: 'Last used', keep: true, sort: sorted('used') },
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
    token.lastUsedAt ? briefly(token.lastUsedAt, fromNow(token.lastUsedAt, now)) : html`Not yet`,
  ];
}

/** So many stand in the list; a token's page has all. */
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

function nothing({ brand }: Frame, mayMake: boolean): Html {
  return html`<section class="panel empty" aria-labelledby="empty">
    <div class="glyph">${keyIcon}</div>
    <h2 id="empty">You have no token yet</h2>
    ${
      mayMake
        ? html`<p>Make one for a script, a backup job or anything else that is to use an API as you, without your password. You choose what it may do and when it ends.</p>
          ${makeOne}`
        : html`<p>No API lets people make tokens of their own yet. Ask an administrator of ${brand.name}.</p>`
    }
  </section>`;
}
