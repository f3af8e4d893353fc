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
  /** The name of its API. */
  resource: string;
  scopes: ScopeChoice[];
  /** What it is limited to (RFC 9396); empty if it is not limited. */
  details: { type: string; identifier?: string | undefined; actions: string[] }[];
  /** `inactive`: its owner was disabled, or all tokens of its owner were revoked together. */
  status: 'active' | 'expired' | 'revoked' | 'inactive';
  /** Whether it was revoked because its value was reported to be public. */
  leaked: boolean;
  createdAt: Date;
  /** Null: never. */
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  /** The token that replaced it. */
  replacedBy: { id: string; hint: string | null } | null;
  /** Only of an API key. */
  createdBy?: CreatorShown | null | undefined;
}

/** A scope with its sentence; empty if the API no longer has the scope. */
export interface ScopeChoice {
  name: string;
  description: string;
}

/** The fields of the forms of tokens. */
export type TokenField = 'name' | 'scope' | 'details' | 'expiry' | 'overlap';

/** The path of a page of a token. */
export const tokenPath = ({ id }: { id: string }, rest = ''): string =>
  `/account/tokens/${encodeURIComponent(id)}${rest}`;

/** A token that expires within these milliseconds has a badge. */
const soon = 7 * 86_400_000;

/** The state of a token in a word; nothing for one that works and does not expire soon. */
export function tokenBadge(
  {
    status,
    expiresAt,
    replacedBy,
    leaked,
  }: Pick<TokenShown, 'status' | 'expiresAt' | 'replacedBy' | 'leaked'>,
  now: Date,
): Html | '' {
  if (leaked) return badge('Leaked', 'bad');
  if (replacedBy) return badge('Replaced', status === 'active' ? 'care' : 'neutral');
  if (status !== 'active') return badge(stateNames[status], 'neutral');
  return expiresAt && expiresAt.getTime() - now.getTime() < soon
    ? badge('Expires soon', 'care')
    : '';
}

const stateNames = { expired: 'Expired', revoked: 'Revoked', inactive: 'Revoked' };

/** When a token stopped or will stop working; null for never, and if that is not known. */
export function endOf({
  status,
  expiresAt,
  revokedAt,
}: Pick<TokenShown, 'status' | 'expiresAt' | 'revokedAt'>): Date | null {
  if (status === 'inactive') return null;
  return status === 'revoked' ? revokedAt : expiresAt;
}

/** The same, in a list. */
export function ends(token: TokenShown, now: Date): Html {
  const end = endOf(token);
  if (end) return briefly(end, fromNow(end, now));
  return html`${token.status === 'active' ? 'Never' : 'Revoked'}`;
}

/** The last characters of a value, which tell tokens apart. */
export const tokenHint = (hint: string | null): Html =>
  html`<span class="token-hint">…${hint ?? ''}</span>`;

/** What a token can be used for, in sentences. */
export function scopeSentences(scopes: ScopeChoice[]): Html | string {
  // An API can have no scopes.
  if (scopes.length === 0) return 'Everything that the API allows';
  return html`<ul class="plain-list">${scopes.map(
    ({ name, description }) =>
      html`<li>${description && html`<bdi>${description}</bdi> `}<code><bdi>${name}</bdi></code></li>`,
  )}</ul>`;
}
