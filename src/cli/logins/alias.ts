import { urlOf } from '../../oauth/issuer.ts';
import { Failure, WrongUsage } from '../failure.ts';
import { isSameLogin, type LoginFacts, type SavedLogin } from './types.ts';

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

export const isForOwnApi = ({
  issuer,
  resource,
}: Pick<LoginFacts, 'issuer' | 'resource'>): boolean => resource === ownApiOf(issuer);

/** The name of a login that was given none: the host that its tokens are for, and its server's with a suffix if there is none. */
export function usualAlias(issuer: string, resource: string | null): string {
  const { host, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, '').replaceAll('/', '-');
  const server = `${host}${path}`.replace(/[^A-Za-z0-9._:-]/g, '-');
  if (resource === ownApiOf(issuer)) return server;
  const ofApi = resource !== null && URL.canParse(resource) ? new URL(resource).host : '';
  return isAlias(ofApi) && ofApi !== host ? ofApi : `${server}-api`;
}

type Identity = Pick<LoginFacts, 'alias' | 'kind' | 'issuer' | 'resource' | 'client_id'>;

/**
 * The login that another one is to replace. Throws Failure if it is of another kind, server, API or client: then it is not
 * replaced without a word.
 */
export async function replacedBy(
  wanted: Identity,
  logins: { read(): Promise<{ logins: SavedLogin[] }> },
): Promise<SavedLogin | undefined> {
  const found = (await logins.read()).logins.find(({ alias }) => alias === wanted.alias);
  if (!found || isSameLogin(found, wanted)) return found;
  throw new Failure(
    `The login ${wanted.alias} is another one: ${found.person ?? found.client_id ?? 'a token'} at ${found.issuer}, for ${found.resource ?? 'the default API'}.`,
    { remedy: 'Choose another alias.' },
  );
}
