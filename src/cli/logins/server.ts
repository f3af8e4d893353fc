import { isLoopback } from '../../../config/loopback.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { commandName } from '../command-name.ts';
import { locate } from '../context.ts';
import type { Environment } from '../environment.ts';
import { Failure, WrongUsage } from '../failure.ts';
import { clean, notFromWrit, request } from '../http.ts';
import { openIdMetadata } from '../server-issuer.ts';

/** Reads the URL of a server as a person types it: `login.acme.com` is https, `localhost:3000` http. Throws WrongUsage. */
export function serverUrl(text: string): string {
  const isWhole = /^https?:\/\//i.test(text);
  const guessed = isWhole ? text : `https://${text}`;
  if (!URL.canParse(guessed) || /\s/.test(text))
    throw new WrongUsage(`"${text}" is not the URL of a server, such as https://login.acme.com.`);
  const url = new URL(guessed);
  if (url.username || url.password || url.search || url.hash)
    throw new WrongUsage(
      `"${text}" has more than the URL of a server, such as https://login.acme.com.`,
    );
  if (!isWhole && isLoopback(url.hostname)) url.protocol = 'http:';
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new WrongUsage(`${url.href} is not encrypted: tokens are sent over https only.`);
  return url.href.replace(/\/+$/, '');
}

/** The issuer of the server at a URL, which must be the URL itself. Throws Failure. */
export async function issuerOf(url: string): Promise<string> {
  const answer = await request(urlOf(url, openIdMetadata));
  const issuer: unknown = Object(answer.json).issuer;
  if (answer.status !== 200 || typeof issuer !== 'string') throw notFromWrit(url, answer);
  if (urlOf(issuer, '') !== url)
    throw new Failure(`The server at ${url} calls itself ${clean(issuer)}.`, {
      remedy: `Log in there: ${commandName} login ${clean(issuer)}`,
    });
  return issuer;
}

/** The server that a command names, or that is known on this machine; several logins are no choice of one. Throws Failure. */
export async function knownServer(
  url: string | undefined,
  environment: Environment,
): Promise<string | undefined> {
  const known = await locate({ url, token: 'none' }, environment).catch((error) => {
    if (url !== undefined) throw error;
    return undefined;
  });
  return known?.url && serverUrl(known.url.value);
}
