import { urlOf } from '../../oauth/issuer.ts';
import { WrongUsage } from '../failure.ts';
import type { Login } from './store.ts';

/** A name of a login is not mistaken for a URL or an option, and needs no quotes in a shell. */
export const isAlias = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/.test(text);

/** Reads an alias. Throws WrongUsage. */
export function alias(text: string): string {
  if (isAlias(text) && !/^https?:/.test(text)) return text;
  throw new WrongUsage(
    `"${text}" cannot be the name of a login: it has up to 100 letters, digits and the characters . _ : -`,
  );
}

/** The identifier of the API of Writ itself. */
export const ownApiOf = (issuer: string): string => urlOf(issuer, '/api/v1');

export const isForOwnApi = ({ issuer, resource }: Pick<Login, 'issuer' | 'resource'>): boolean =>
  resource === ownApiOf(issuer);

/** The name of a login that was given none: the host that its tokens are for. */
export const usualAlias = (issuer: string, resource: string | null): string => {
  const url = resource !== null && resource !== ownApiOf(issuer) ? resource : issuer;
  return URL.canParse(url) && new URL(url).host ? new URL(url).host : new URL(issuer).host;
};
