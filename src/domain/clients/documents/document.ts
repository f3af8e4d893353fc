/** What a Client ID Metadata Document says, as far as this server uses it. */
import { documentBounds } from '../../../../config/client-documents.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { grantTypes } from '../../../oauth/grant-types.ts';
import { defaultIdTokenAlg, signingAlgs } from '../../keys/signing-keys.ts';
import { displayName } from '../../names/display-names.ts';
import { getsIdTokens } from '../client-types.ts';
import type { ValidateMetadata } from '../merge-patch.ts';
import { disallowedRedirectUris } from '../redirect-uris.ts';
import { clientNameLength, requireSoundMetadata } from '../rules.ts';

/** Reads the document at a URL, within the bounds of time, size and addresses. Follows no redirect. Throws any error. */
export type FetchDocument = (url: string) => Promise<Response>;

/** Why a document cannot be used: a sentence that reveals nothing about this server or its network. */
export class DocumentProblem extends Error {}

type Metadata = Record<string, unknown>;

/** A document that can be used. */
export interface ClientDocument {
  metadata: Metadata;
  /** Seconds until it is read again. */
  fresh: number;
}

/**
 * Reads a document and keeps the metadata that this server supports; the rest is ignored, as of a registration (RFC 7591
 * §2). Redirect URIs that this server accepts from no client are left out. Throws DocumentProblem.
 */
export async function readDocument(
  url: string,
  fetchDocument: FetchDocument,
  validateMetadata: ValidateMetadata,
): Promise<ClientDocument> {
  let response: Response;
  try {
    response = await fetchDocument(url);
  } catch (cause) {
    throw new DocumentProblem('it could not be fetched', { cause });
  }
  if (response.status !== 200)
    throw new DocumentProblem(`the response has the status ${response.status}, not 200`);
  if (!isJsonType(response.headers.get('content-type') ?? ''))
    throw new DocumentProblem('its content type is not application/json');
  const metadata = metadataOf(url, await response.text());
  // No database stores these, and JSON.stringify writes them as escapes.
  if (/\\u(?:0000|d[89a-f])/i.test(JSON.stringify(metadata)))
    throw new DocumentProblem('it contains characters that cannot be stored');
  try {
    requireSoundMetadata(metadata);
    validateMetadata(url, metadata);
  } catch (cause) {
    if (!(cause instanceof OAuthError) || cause.status >= 500) throw cause;
    throw new DocumentProblem(withoutStop(cause.message), { cause });
  }
  return { metadata, fresh: freshFor(response.headers) };
}

const withoutStop = (sentence: string): string => sentence.replace(/\.$/, '');

/** `application/json`, or a more specific type of JSON. */
const isJsonType = (type: string): boolean =>
  /^application\/(?:json|[\w.!#$&^-]+\+json)\s*(?:;|$)/i.test(type.trim());

/** How long a response can be used (RFC 9111 §4.2.1), in seconds, within the bounds. */
export function freshFor(headers: Headers): number {
  const { min, max, unstated } = documentBounds.fresh;
  const control = (headers.get('cache-control') ?? '').toLowerCase();
  const [, maxAge] = /(?:^|[,\s])max-age\s*=\s*"?(\d{1,10})/.exec(control) ?? [];
  const expires = Date.parse(headers.get('expires') ?? '');
  const age = Number(/^\d{1,10}$/.exec(headers.get('age') ?? '')?.[0] ?? 0);
  const stated = /(?:^|[,\s])no-(?:store|cache)\b/.test(control)
    ? 0
    : maxAge !== undefined
      ? Number(maxAge) - age
      : headers.has('expires')
        ? (expires - (Date.parse(headers.get('date') ?? '') || Date.now())) / 1000 - age
        : unstated;
  return Math.floor(Math.max(min, Math.min(max, Number.isFinite(stated) ? stated : 0)));
}

const supportedGrants: readonly string[] = [
  grantTypes.authorizationCode,
  grantTypes.refreshToken,
  grantTypes.deviceCode,
];

/** Fields that are kept as they are; `requireSoundMetadata` and the engine validate them. */
const keptFields = [
  'client_uri',
  'tos_uri',
  'jwks',
  'jwks_uri',
  'token_endpoint_auth_signing_alg',
  'dpop_bound_access_tokens',
  'require_pushed_authorization_requests',
  'scope',
];

function metadataOf(url: string, text: string): Metadata {
  const given = objectOf(text);
  if (given['client_id'] !== url)
    throw new DocumentProblem('its client_id is not the URL that it was fetched from');
  for (const name of ['client_secret', 'client_secret_expires_at'])
    if (name in given) throw new DocumentProblem(`it must not have ${name}`);
  const method = given['token_endpoint_auth_method'] ?? 'none';
  if (method !== 'none' && method !== 'private_key_jwt')
    throw new DocumentProblem('its token_endpoint_auth_method must be none or private_key_jwt');
  // A stranger's document must not make this server ask another host, again and again, for keys.
  const keys = given['jwks_uri'];
  if (typeof keys === 'string' && URL.canParse(keys) && new URL(keys).host !== new URL(url).host)
    throw new DocumentProblem('its jwks_uri is at another host');
  const grants = supported(given, 'grant_types', supportedGrants, [grantTypes.authorizationCode]);
  const usesCodes = grants.includes(grantTypes.authorizationCode);
  const uris = [...new Set(texts(given, 'redirect_uris') ?? [])];
  if (uris.length > documentBounds.redirectUris)
    throw new DocumentProblem(`it has more than ${documentBounds.redirectUris} redirect_uris`);
  const type = applicationType(given, uris);
  const refused = disallowedRedirectUris({ application_type: type, redirect_uris: uris });
  const redirectUris = uris.filter((uri) => !refused.includes(uri));
  if (usesCodes && redirectUris.length === 0)
    throw new DocumentProblem('it has no redirect_uris that this server accepts');
  const name = nameOf(given['client_name']);
  const alg = signingAlgs.find((one) => one === given['id_token_signed_response_alg']);
  return {
    ...(name !== undefined && { client_name: name }),
    application_type: type,
    grant_types: grants,
    response_types: usesCodes ? ['code'] : [],
    redirect_uris: redirectUris,
    token_endpoint_auth_method: method,
    require_pkce: true,
    ...(getsIdTokens({ grant_types: grants }) && {
      id_token_signed_response_alg: alg ?? defaultIdTokenAlg,
    }),
    ...Object.fromEntries(
      keptFields.flatMap((field) =>
        given[field] === undefined || given[field] === null ? [] : [[field, kept(given, field)]],
      ),
    ),
  };
}

function objectOf(text: string): Metadata {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DocumentProblem('it is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DocumentProblem('it is not a JSON object');
  return value as Metadata;
}

const booleans = ['dpop_bound_access_tokens', 'require_pushed_authorization_requests'];

function kept(given: Metadata, field: string): unknown {
  const value = given[field];
  const expected = field === 'jwks' ? 'object' : booleans.includes(field) ? 'boolean' : 'string';
  if (typeof value !== expected || Array.isArray(value))
    throw new DocumentProblem(
      `its ${field} is not ${expected === 'object' ? 'an' : 'a'} ${expected}`,
    );
  return value;
}

/** A list of texts; undefined if it is absent. */
function texts(given: Metadata, field: string): string[] | undefined {
  const list = given[field];
  if (list === undefined || list === null) return undefined;
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string'))
    throw new DocumentProblem(`its ${field} is not a list of strings`);
  return list;
}

function supported(
  given: Metadata,
  field: string,
  known: readonly string[],
  absent: string[],
): string[] {
  const list = texts(given, field);
  if (!list) return absent;
  const left = known.filter((name) => list.includes(name));
  if (left.length === 0) throw new DocumentProblem(`its ${field} has none of ${known.join(', ')}`);
  return left;
}

/** As stated; otherwise `native` if codes can arrive at a program (RFC 8252 §7). */
function applicationType(given: Metadata, uris: readonly string[]): 'web' | 'native' {
  const { application_type: type } = given;
  if (type === 'web' || type === 'native') return type;
  if (type !== undefined && type !== null)
    throw new DocumentProblem('its application_type must be web or native');
  return uris.every((uri) => uri.startsWith('https:')) ? 'web' : 'native';
}

/** A name that cannot be shown is none: people see the host of the document. */
function nameOf(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  try {
    return displayName(given, { parameter: 'client_name', maxLength: clientNameLength });
  } catch (error) {
    if (error instanceof OAuthError) return undefined;
    throw error;
  }
}
