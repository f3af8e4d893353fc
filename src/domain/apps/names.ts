import { appLimits, reservedAppNames } from '../../../config/apps.ts';
import { reservedClientIdPrefix } from '../../../config/clients.ts';
import { randomAlphanumeric } from '../../crypto/random.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { looksLikeAccountId } from '../database/text-checks.ts';
import { displayName } from '../names/display-names.ts';
import type { ClientKind } from './types.ts';

/** Lower case, so that no two names look alike, and without `:` and `~`, which separate an app from its client. */
const pattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const maxNameLength = 40;
const minAppNameLength = 2;

/** `/apps/{app}/clients/new` is a page. */
const reservedClientNames = ['new'];

/** Whether a text has the form of an app or client name; any other text identifies none. */
export const looksLikeName = (name: string): boolean =>
  name.length <= maxNameLength && pattern.test(name);

/** Throws `invalid_request` for a name that an app cannot have. */
export function requireAppName(name: string): void {
  if (!looksLikeName(name) || name.length < minAppNameLength)
    throw new OAuthError(
      'invalid_request',
      'The name of an app has 2 to 40 lowercase letters and digits, with single dashes between them.',
      { parameter: 'name' },
    );
  if (isReserved(name))
    throw new OAuthError('invalid_request', `The name ${name} is reserved. Choose another.`, {
      parameter: 'name',
    });
}

/** Reserved names: those used by built-in clients and pages, and any that looks like an account id. */
const isReserved = (name: string): boolean =>
  reservedAppNames.includes(name) ||
  name.startsWith(reservedClientIdPrefix) ||
  looksLikeAccountId(name);

/** Throws `invalid_request` for a name that a client of an app cannot have. */
export function requireClientName(name: string): void {
  if (!looksLikeName(name))
    throw new OAuthError(
      'invalid_request',
      name === ''
        ? 'Enter a name.'
        : 'The name of a client has 1 to 40 lowercase letters and digits, with single dashes between them.',
      { parameter: 'name' },
    );
  if (reservedClientNames.includes(name))
    throw new OAuthError('invalid_request', `The name ${name} is reserved. Choose another.`, {
      parameter: 'name',
    });
}

/** Validates the display name of an app or client. An unchanged name is accepted. Throws `invalid_request`. */
export const asDisplayName = (text: string, before?: string): string =>
  displayName(text, { parameter: 'display_name', maxLength: appLimits.displayName, before });

/**
 * Default display name of a client. A server is named as in its app, since people outside never see it. Other
 * clients are named like the app, because people read that name before they approve access.
 */
export const defaultDisplayName = (
  app: { displayName: string },
  { name, kind }: { name: string; kind: ClientKind },
): string => (kind === 'server' ? name : app.displayName || name);

/** A name for a client that registers itself. */
export const freshClientName = (): string => `registered-${randomAlphanumeric(8).toLowerCase()}`;

/** Derives a name from a display name, with random letters if that is impossible. */
export const nameFrom = (shown: string): string => {
  const name = slugOf(shown);
  return isUsable(name) ? name : withRandomSuffix(name);
};

/** Derives a name from a display name deterministically. Undefined if that is impossible. */
export const plainNameFrom = (shown: string): string | undefined => {
  const name = slugOf(shown);
  return isUsable(name) ? name : undefined;
};

const isUsable = (name: string): boolean => name.length >= minAppNameLength && !isReserved(name);

const slugOf = (shown: string): string =>
  shown
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxNameLength)
    .replace(/^-+|-+$/g, '');

const suffixLength = 5;

/** Returns another name with the same beginning. */
export function withRandomSuffix(name: string): string {
  const letters = randomAlphanumeric(suffixLength).toLowerCase();
  const head = name.slice(0, maxNameLength - suffixLength - 1).replace(/-+$/, '');
  const other = `${head}-${letters}`;
  return head && !isReserved(`${head}-`) && !isReserved(other) ? other : `app-${letters}`;
}
