import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { badge } from './badge.ts';
import type { CreatorShown } from './creator.ts';
import { briefly, fromNow } from './time.ts';

/** A personal access token or an API key, without its value. */
export interface TokenShown {
  /** `tok_…` */
  id: string;
  name: string;
  /** The last characters of its value. */
  hint: string | null;
  /** What the API is called that it is for. */
  resource: string;
  scopes: ScopeChoice[];
  /** The single things that it is limited to; an empty list where it is not. */
  details: { type: string; identifier?: string | undefined; actions: string[] }[];
  /** `inactive`: whose it is, was disabled, or had all tokens ended at once. */
  status: 'active' | 'expired' | 'revoked' | 'inactive';
  createdAt: Date;
  /** Null: never. */
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  /** The token that took its place. */
  replacedBy: { id: string; hint: string | null } | null;
  /** Of an API key. */
  createdBy?: CreatorShown | null | undefined;
}

/** A scope with its sentence; empty where the API does not tell of it any more. */
export interface ScopeChoice {
  name: string;
  description: string;
}

/** What a problem of a form can be about. */
export type TokenField = 'name' | 'scope' | 'details' | 'expiry' | 'overlap';

/** The path of a token's page. */
export const tokenPath = ({ id }: { id: string }, rest = ''): string =>
  `/account/tokens/${encodeURIComponent(id)}${rest}`;

/** So soon before its end a token is marked. */
const soon = 7 * 86_400_000;

/** What is to be known of a token at a glance; nothing of one that just goes on. */
export function tokenBadge(
  { status, expiresAt, replacedBy }: Pick<TokenShown, 'status' | 'expiresAt' | 'replacedBy'>,
  now: Date,
): Html | '' {
  if (status === 'expired') return badge(replacedBy ? 'Replaced' : 'Expired', 'neutral');
  if (status !== 'active') return badge(replacedBy ? 'Replaced' : endNames[status], 'neutral');
  if (replacedBy) return badge('Replaced', 'care');
  return expiresAt && expiresAt.getTime() - now.getTime() < soon
    ? badge('Expires soon', 'care')
    : '';
}

const endNames = { revoked: 'Revoked', inactive: 'Ended' };

/** When a token ended, or is to end; null for one that goes on for ever, and where nobody knows when it ended. */
export function endOf({
  status,
  expiresAt,
  revokedAt,
}: Pick<TokenShown, 'status' | 'expiresAt' | 'revokedAt'>): Date | null {
  if (status === 'inactive') return null;
  return status === 'revoked' ? revokedAt : expiresAt;
}

/** When it does, as a list has it. */
export function ends(token: TokenShown, now: Date): Html {
  const end = endOf(token);
  if (end) return briefly(end, fromNow(end, now));
  return html`${token.status === 'active' ? 'Never' : 'Ended'}`;
}

/** The end of its value, by which people tell tokens apart. */
export const tokenHint = (hint: string | null): Html =>
  html`<span class="token-hint">…${hint ?? ''}</span>`;

/** What a token may do, in sentences. */
export function scopeSentences(scopes: ScopeChoice[]): Html | string {
  // An API may have none.
  if (scopes.length === 0) return 'Whatever the API lets it';
  return html`<ul class="plain-list">${scopes.map(
    ({ name, description }) =>
      html`<li>${description && html`<bdi>${description}</bdi> `}<code><bdi>${name}</bdi></code></li>`,
  )}</ul>`;
}

/** Where a page stands among those of tokens. */
export const tokensBar = (label: string, href: string): Html =>
  html`<div class="app-bar"><nav class="crumbs" aria-label="Where this is"><ol><li><a href="/account/tokens">Tokens</a></li><li><a href="${href}" aria-current="page"><bdi>${label}</bdi></a></li></ol></nav></div>`;
