import { appLimits, reservedAppNames } from '../../../config/apps.ts';
import { reservedClientIdPrefix } from '../../../config/clients.ts';
import { randomAlphanumeric } from '../../crypto/random.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { looksLikeAccountId } from '../database/text-checks.ts';
import { displayName } from '../names/display-names.ts';
import type { ClientKind } from './types.ts';

/** Lower case, so that no two look alike, and neither `:` nor `~`, which part an app from its client. */
const pattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const maxNameLength = 40;
const minAppNameLength = 2;

/** `/apps/{app}/clients/new` is a page. */
const reservedClientNames = ['new'];

/** Whether a text can be the name of an app or a client: others name nothing. */
export const looksLikeName = (name: string): boolean =>
  name.length <= maxNameLength && pattern.test(name);

/** Throws `invalid_request` where no app can have the name. */
export function requireAppName(name: string): void {
  if (!looksLikeName(name) || name.length < minAppNameLength)
    throw new OAuthError(
      'invalid_request',
      'The name of an app has 2 to 40 small letters and digits, with single dashes between them.',
      { parameter: 'name' },
    );
  if (isReserved(name))
    throw new OAuthError('invalid_request', `The name ${name} is reserved; choose another.`, {
      parameter: 'name',
    });
}

/** Names of ours, since clients of Writ itself have such ids, and what reads as the id of a person. */
const isReserved = (name: string): boolean =>
  reservedAppNames.includes(name) ||
  name.startsWith(reservedClientIdPrefix) ||
  looksLikeAccountId(name);

/** Throws `invalid_request` where no client of an app can have the name. */
export function requireClientName(name: string): void {
  if (!looksLikeName(name))
    throw new OAuthError(
      'invalid_request',
      'The name of a client has 1 to 40 small letters and digits, with single dashes between them.',
      { parameter: 'name' },
    );
  if (reservedClientNames.includes(name))
    throw new OAuthError('invalid_request', `The name ${name} is reserved; choose another.`, {
      parameter: 'name',
    });
}

/** What people call an app or a client of one; one of `before` may stay. Throws `invalid_request`. */
export const asDisplayName = (text: string, before?: string): string =>
  displayName(text, { parameter: 'display_name', longest: appLimits.displayName, before });

/**
 * What a client of an app is called where nothing is chosen: a server, which people outside the app never see, as in
 * its app; every other one as the app, since people read it before they let it in.
 */
export const defaultDisplayName = (
  app: { displayName: string },
  { name, kind }: { name: string; kind: ClientKind },
): string => (kind === 'server' ? name : app.displayName || name);

/** The name that a display name makes; where it makes none, letters drawn by lot. */
export const nameFrom = (shown: string): string => {
  const name = lettersOf(shown);
  return canBeMade(name) ? name : varied(name);
};

/** The name that a display name makes, each time the same; undefined where it makes none. */
export const plainNameFrom = (shown: string): string | undefined => {
  const name = lettersOf(shown);
  return canBeMade(name) ? name : undefined;
};

const canBeMade = (name: string): boolean => name.length >= minAppNameLength && !isReserved(name);

const lettersOf = (shown: string): string =>
  shown
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxNameLength)
    .replace(/^-+|-+$/g, '');

const lettersByLot = 5;

/** Another name that begins like this one. */
export function varied(name: string): string {
  const letters = randomAlphanumeric(lettersByLot).toLowerCase();
  const head = name.slice(0, maxNameLength - lettersByLot - 1).replace(/-+$/, '');
  const other = `${head}-${letters}`;
  return head && !isReserved(`${head}-`) && !isReserved(other) ? other : `app-${letters}`;
}
