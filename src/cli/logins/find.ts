import { urlOf } from '../../oauth/issuer.ts';
import { commandName } from '../command-name.ts';
import { Failure } from '../failure.ts';
import type { Logins } from './store.ts';
import type { SavedLogin } from './types.ts';

/**
 * The login of a command: by its alias; by a URL, of which the API or the server of the login is the longest part; or
 * the default or only one. Throws Failure.
 */
export async function findLogin(
  name: string | undefined,
  logins: Pick<Logins, 'read'>,
): Promise<SavedLogin> {
  const { logins: all, default: chosen } = await logins.read();
  const found = name === undefined ? usual(all, chosen) : named(all, name);
  if (found) return found;
  if (all.length === 0)
    throw new Failure('There is no login on this machine.', {
      remedy: `Log in first: ${commandName} login URL`,
    });
  const list = all.map(({ alias }) => alias).join(', ');
  throw name === undefined
    ? new Failure(`There are several logins: ${list}.`, {
        remedy: `Name one, or choose one for all commands: ${commandName} auth default ALIAS`,
      })
    : new Failure(`No login is called ${name}.`, { remedy: `There are: ${list}.` });
}

const usual = (all: SavedLogin[], chosen: string | undefined): SavedLogin | undefined =>
  all.find(({ alias }) => alias === chosen) ?? (all.length === 1 ? all[0] : undefined);

function named(all: SavedLogin[], name: string): SavedLogin | undefined {
  const exact = all.find(({ alias }) => alias === name);
  if (exact || !URL.canParse(name)) return exact;
  const lengthOf = (login: SavedLogin): number =>
    Math.max(
      ...[login.resource, urlOf(login.issuer, '')].map((url) =>
        url !== null && isWithin(name, url) ? url.length : 0,
      ),
    );
  return all
    .filter((login) => lengthOf(login) > 0)
    .sort((a, b) => lengthOf(b) - lengthOf(a) || b.saved_at - a.saved_at)[0];
}

/** Whether a URL is another one or below it: https://api.acme.com/things is below https://api.acme.com. */
const isWithin = (url: string, parent: string): boolean => {
  const base = parent.replace(/\/+$/, '');
  return url === base || url.startsWith(`${base}/`) || url.startsWith(`${base}?`);
};
