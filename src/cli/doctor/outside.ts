/**
 * What clients and resource servers see: the issuer, from where the command runs. They follow no
 * redirects, and believe metadata only that names the issuer which it was fetched from
 * (OpenID Connect Discovery §4.3, RFC 8414 §3.3).
 */

import { isLoopbackOrHttps } from '../../../config/settings.ts';
import { type Check, failed, ok, warning } from '../../boot/check.ts';
import { oauthMetadataUrl, urlOf } from '../../oauth/issuer.ts';
import { type Answer, clean, notFromWrit, request } from '../http.ts';
import { checkCertificate } from './certificate.ts';
import { failedBy } from './check.ts';

const openIdMetadata = '/.well-known/openid-configuration';

const letThrough =
  'Let the proxy pass every path to the server, with nothing put before it and no redirect.';

/** What the server at this URL calls itself in tokens; undefined where it does not say. */
export async function issuerOf(url: string): Promise<string | undefined> {
  const answer = await request(url + openIdMetadata).catch(() => undefined);
  const issuer = answer && metadataOf(answer)['issuer'];
  return typeof issuer === 'string' && URL.canParse(issuer) ? issuer : undefined;
}

/** Looks at the issuer that tokens name. `settingOf`: what ISSUER is in this environment. */
export async function checkFromOutside(
  issuer: string,
  { setting, now }: { setting: string | undefined; now: Date },
): Promise<Check[]> {
  const checks = [checkSetting(issuer, setting), checkScheme(issuer)].filter(
    (check) => check !== undefined,
  );
  if (issuer.startsWith('https:')) checks.push(...(await checkCertificate(issuer, now)));
  const openId = await checkMetadata('discovery', issuer, urlOf(issuer, openIdMetadata));
  checks.push(openId.check);
  if (openId.unreachable) return checks;
  checks.push((await checkMetadata('metadata', issuer, oauthMetadataUrl(issuer))).check);
  if (openId.metadata) checks.push(...(await checkKeys(issuer, openId.metadata['jwks_uri'])));
  return checks;
}

function checkSetting(issuer: string, setting: string | undefined): Check | undefined {
  if (!setting || setting === issuer) return undefined;
  return warning(
    'issuer',
    `ISSUER is ${setting} in this environment, but tokens name ${issuer}.`,
    'Name the right server, or set ISSUER as the server has it.',
  );
}

function checkScheme(issuer: string): Check {
  if (issuer.startsWith('https:')) return ok('https', `Tokens name ${issuer}.`);
  return isLoopbackOrHttps(issuer)
    ? ok('https', `Tokens name ${issuer}, which only this machine can reach.`)
    : failed(
        'https',
        `Tokens name ${issuer}: tokens and secrets travel in clear.`,
        'Serve it by https. ISSUER is for good: an installation with real tokens needs a new database for another one.',
      );
}

interface Found {
  check: Check;
  unreachable?: boolean;
  metadata?: Record<string, unknown>;
}

async function checkMetadata(name: string, issuer: string, url: string): Promise<Found> {
  let answer: Answer;
  try {
    answer = await request(url);
  } catch (error) {
    const { message, remedy } = failedBy(name, error);
    return { unreachable: true, check: failed(name, `From here, ${message}`, remedy) };
  }
  const location = answer.headers.get('location');
  if (location && answer.status >= 300 && answer.status < 400)
    return {
      check: failed(
        name,
        `${url} redirects to ${clean(location)}, and verifiers do not follow.`,
        letThrough,
      ),
    };
  const metadata = metadataOf(answer);
  if (answer.status !== 200 || typeof metadata['issuer'] !== 'string')
    return {
      check: failed(name, `${url} answers ${answer.status}, and no metadata.`, letThrough),
    };
  if (metadata['issuer'] !== issuer)
    return {
      check: failed(
        name,
        `${url} names the issuer ${clean(metadata['issuer'])}, but tokens name ${issuer}.`,
        'Another server answers there: let the name and the proxy lead to this one.',
      ),
    };
  return { metadata, check: ok(name, `${url} can be read from here.`) };
}

async function checkKeys(issuer: string, uri: unknown): Promise<Check[]> {
  if (typeof uri !== 'string' || !uri.startsWith(urlOf(issuer, '/')))
    return [failed('jwks', 'The metadata names no JWK Set of the issuer.', letThrough)];
  let answer: Answer;
  try {
    answer = await request(uri);
  } catch (error) {
    return [failedBy('jwks', error)];
  }
  const { keys } = metadataOf(answer);
  if (answer.status !== 200 || !Array.isArray(keys))
    return [failed('jwks', notFromWrit(uri, answer).problem, letThrough)];
  if (keys.length === 0)
    return [failed('jwks', `${uri} has no keys: no JWT can be verified.`, 'Run "writ keys list".')];
  const maxAge = /(?:^|[\s,])max-age=(\d+)/.exec(answer.headers.get('cache-control') ?? '')?.[1];
  return [
    maxAge
      ? ok('jwks', `${uri} has ${keys.length} keys, which verifiers may keep for ${maxAge} s.`)
      : warning(
          'jwks',
          `${uri} comes without a Cache-Control max-age, so nobody knows how long to keep the keys.`,
          'Let the proxy pass the Cache-Control of the server.',
        ),
  ];
}

const metadataOf = ({ json }: Answer): Record<string, unknown> =>
  typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
