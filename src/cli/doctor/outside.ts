/**
 * The issuer as clients and resource servers see it, from where the command runs. They follow no redirects, and accept
 * metadata only if it names the issuer that it was fetched from (OpenID Connect Discovery §4.3, RFC 8414 §3.3).
 */

import { isLoopbackOrHttps } from '../../../config/loopback.ts';
import { type Check, failed, ok, warning } from '../../boot/check.ts';
import { oauthMetadataUrl, urlOf } from '../../oauth/issuer.ts';
import { commandName } from '../command-name.ts';
import { type Answer, clean, notFromWrit, request } from '../http.ts';
import { openIdMetadata } from '../server-issuer.ts';
import { checkCertificate } from './certificate.ts';
import { failedBy } from './check.ts';

const passThrough =
  'Let the proxy pass every path to the server, without a prefix and without redirects.';

/** Checks the issuer that tokens name. `setting`: ISSUER in this environment. */
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
    'Name the right server, or set ISSUER to the issuer of the server.',
  );
}

function checkScheme(issuer: string): Check {
  if (issuer.startsWith('https:')) return ok('https', `Tokens name ${issuer}.`);
  return isLoopbackOrHttps(issuer)
    ? ok('https', `Tokens name ${issuer}, which only this machine can reach.`)
    : failed(
        'https',
        `Tokens name ${issuer}: tokens and secrets are sent unencrypted.`,
        'Serve it over https. The issuer of an installation never changes: another one needs a new database.',
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
        `${url} redirects to ${clean(location)}, and verifiers follow no redirects.`,
        passThrough,
      ),
    };
  const metadata = metadataOf(answer);
  if (answer.status !== 200 || typeof metadata['issuer'] !== 'string')
    return {
      check: failed(name, `${url} responds with ${answer.status}, without metadata.`, passThrough),
    };
  if (metadata['issuer'] !== issuer)
    return {
      check: failed(
        name,
        `${url} names the issuer ${clean(metadata['issuer'])}, but tokens name ${issuer}.`,
        'Another server responds there: point DNS and the proxy to this one.',
      ),
    };
  return { metadata, check: ok(name, `${url} is readable from here.`) };
}

async function checkKeys(issuer: string, uri: unknown): Promise<Check[]> {
  if (typeof uri !== 'string' || !uri.startsWith(urlOf(issuer, '/')))
    return [failed('jwks', 'The metadata names no JWK Set of the issuer.', passThrough)];
  let answer: Answer;
  try {
    answer = await request(uri);
  } catch (error) {
    return [failedBy('jwks', error)];
  }
  const { keys } = metadataOf(answer);
  if (answer.status !== 200 || !Array.isArray(keys))
    return [failed('jwks', notFromWrit(uri, answer).problem, passThrough)];
  if (keys.length === 0)
    return [
      failed(
        'jwks',
        `${uri} has no keys: no JWT can be verified.`,
        `Run "${commandName} keys list".`,
      ),
    ];
  const maxAge = /(?:^|[\s,])max-age=(\d+)/.exec(answer.headers.get('cache-control') ?? '')?.[1];
  return [
    maxAge
      ? ok('jwks', `${uri} has ${keys.length} keys, which verifiers can cache for ${maxAge} s.`)
      : warning(
          'jwks',
          `${uri} has no Cache-Control max-age, so verifiers do not know how long to cache the keys.`,
          'Let the proxy pass the Cache-Control of the server.',
        ),
  ];
}

const metadataOf = ({ json }: Answer): Record<string, unknown> =>
  typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
