/**
 * THE KEYS OF TRUSTED ISSUERS, for each process: pasted, at a `jwks_uri`, or where the discovery document says (RFC 8414 §2, OpenID
 * Connect Discovery 1.0 §4). They are used as long as `Cache-Control` says, within bounds; while the issuer does not answer, an
 * hour longer, and then no more.
 */
import { issuerKeys, issuerLimits } from '../../config/trusted-issuers.ts';
import {
  IssuerAway,
  type IssuerFinding,
  type IssuerKeys,
  type TrustedIssuer,
} from '../domain/issuers/types.ts';
import { createGuardedFetch, FetchError, type GuardedFetch } from './guarded-fetch.ts';

type Key = Record<string, unknown>;

interface KnownKeys {
  keys: Key[];
  /** Times by the clock of the cache, in seconds: of the fetch, and until when they are used. */
  fetchedAt: number;
  /** The time of the fetch; null for pasted ones. */
  readAt: Date | null;
  freshUntil: number;
}

/** What is known of one version of an issuer's settings. */
interface Entry {
  known: KnownKeys | undefined;
  /** The fetch that all callers wait for. */
  fetching: Promise<KnownKeys> | undefined;
  failedAt: number;
  failure: IssuerAway | undefined;
}

interface Options {
  /** Seconds, increasing. */
  now?: (() => number) | undefined;
}

/** Creates the store of keys. */
export function createIssuerKeys({
  now = () => performance.now() / 1000,
}: Options = {}): IssuerKeys {
  const entries = new Map<string, Entry>();

  /** Other settings are another entry, so a change applies at once. */
  const entryOf = (issuer: TrustedIssuer): Entry => {
    const key = `${issuer.id} ${issuer.created_at.getTime()} ${issuer.updated_at.getTime()}`;
    const entry = entries.get(key) ?? {
      known: issuer.jwks ? pasted(issuer.jwks.keys) : undefined,
      fetching: undefined,
      failedAt: Number.NEGATIVE_INFINITY,
      failure: undefined,
    };
    entries.delete(key);
    entries.set(key, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= 2 * issuerLimits.issuers) break;
      entries.delete(oldest);
    }
    return entry;
  };

  const fetchOnce = (issuer: TrustedIssuer, entry: Entry): Promise<KnownKeys> => {
    if (entry.failure && now() - entry.failedAt < issuerKeys.pause)
      return Promise.reject(entry.failure);
    entry.fetching ??= fetchKeys(issuer)
      .then(
        ({ keys, age }) => {
          entry.failure = undefined;
          entry.known = {
            keys,
            fetchedAt: now(),
            readAt: new Date(),
            freshUntil: now() + age,
          };
          return entry.known;
        },
        (cause: unknown) => {
          entry.failedAt = now();
          entry.failure = awayBecause(issuer, cause);
          throw entry.failure;
        },
      )
      .finally(() => {
        entry.fetching = undefined;
      });
    return entry.fetching;
  };

  /** The keys at hand: fetched ones that are fresh, or that are still used because no newer ones can be had. */
  const current = async (issuer: TrustedIssuer, entry: Entry): Promise<KnownKeys> => {
    const { known } = entry;
    if (known && now() < known.freshUntil) return known;
    try {
      return await fetchOnce(issuer, entry);
    } catch (error) {
      if (known && now() < known.freshUntil + issuerKeys.graceAge) return known;
      throw error;
    }
  };

  return {
    async find(issuer, kid) {
      const entry = entryOf(issuer);
      const known = await current(issuer, entry);
      const found = keysWith(known, kid);
      if (found.length > 0 || issuer.jwks) return found;
      if (now() - known.fetchedAt < issuerKeys.pause) return found;
      // A key that was added since. While the issuer is away, the token is as unknown as before.
      const later = await fetchOnce(issuer, entry).catch(() => known);
      return keysWith(later, kid);
    },

    state(issuer) {
      const { known, failure } = entryOf(issuer);
      return {
        count: known?.keys.length ?? null,
        fetchedAt: known?.readAt ?? null,
        failure: failure?.message ?? null,
      };
    },

    async check(issuer): Promise<IssuerFinding[]> {
      if (issuer.jwks)
        return findingsOf(
          issuer,
          issuer.jwks.keys,
          'Its keys were pasted. Replace them when they change.',
        );
      try {
        const { keys, uri } = await fetchKeys(issuer);
        return findingsOf(issuer, keys, `The keys at ${uri} were read.`);
      } catch (error) {
        return [{ status: 'failed', message: awayBecause(issuer, error).message }];
      }
    },
  };
}

const pasted = (keys: Key[]): KnownKeys => ({
  keys,
  fetchedAt: Number.POSITIVE_INFINITY,
  readAt: null,
  freshUntil: Number.POSITIVE_INFINITY,
});

/** A token without a key ID can be of any key; a key without one, of no token that names one. */
const keysWith = ({ keys }: KnownKeys, kid: string | undefined): Key[] =>
  kid === undefined ? keys : keys.filter((key) => key['kid'] === kid);

const awayBecause = ({ id }: TrustedIssuer, cause: unknown): IssuerAway =>
  cause instanceof IssuerAway
    ? cause
    : new IssuerAway(
        `The keys of ${id} cannot be read: ${cause instanceof FetchError ? cause.message : 'its answer is not understood'}.`,
        { cause },
      );

interface Fetched {
  keys: Key[];
  uri: string;
  /** Seconds. */
  age: number;
}

async function fetchKeys(issuer: TrustedIssuer): Promise<Fetched> {
  const fetch = createGuardedFetch({ allowPrivate: issuer.private_network, ...issuerKeys });
  const uri = issuer.jwks_uri ?? (await discover(issuer, fetch));
  const { body, response } = await readJson(uri, fetch);
  const { keys } = body;
  if (!Array.isArray(keys) || !keys.every(isKey)) throw new FetchError(`${uri} is not a JWK Set`);
  if (keys.length > issuerLimits.keys)
    throw new FetchError(`${uri} has more than ${issuerLimits.keys} keys`);
  return { keys, uri, age: ageOf(response.headers.get('cache-control')) };
}

const isKey = (key: unknown): key is Key =>
  typeof key === 'object' && key !== null && !Array.isArray(key);

/** The `jwks_uri` of the discovery document, which must be of this issuer and may not lead into another network. */
async function discover({ issuer, private_network }: TrustedIssuer, fetch: GuardedFetch) {
  const { body } = await readJson(
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    fetch,
  );
  if (body['issuer'] !== issuer)
    throw new FetchError(`the discovery document is of ${JSON.stringify(body['issuer'])}`);
  const { jwks_uri: uri } = body;
  const url = typeof uri === 'string' ? URL.parse(uri) : null;
  if (!url) throw new FetchError('the discovery document names no jwks_uri');
  if (url.protocol !== 'https:' && !(private_network && url.protocol === 'http:'))
    throw new FetchError('the jwks_uri of the discovery document does not use https');
  return url.href;
}

async function readJson(uri: string, fetch: GuardedFetch) {
  const response = await fetch(uri, { headers: { accept: 'application/json' } });
  if (response.status !== 200) throw new FetchError(`${uri} answers ${response.status}`);
  const body: unknown = await response.json().catch((cause: unknown) => {
    throw new FetchError(`${uri} is not JSON`, { cause });
  });
  if (!isKey(body)) throw new FetchError(`${uri} is not a JSON object`);
  return { body, response };
}

/** Seconds for which `Cache-Control` (RFC 9111 §5.2.2) lets keys be used, within bounds. */
function ageOf(header: string | null): number {
  const { minAge, maxAge, defaultAge } = issuerKeys;
  if (header === null) return defaultAge;
  if (/(^|,)\s*(no-store|no-cache)\b/i.test(header)) return minAge;
  const [, seconds] = /(?:^|,)\s*max-age\s*=\s*"?(\d{1,10})/i.exec(header) ?? [];
  return seconds === undefined ? defaultAge : Math.min(maxAge, Math.max(minAge, Number(seconds)));
}

/** What the keys say about the settings. */
function findingsOf({ algorithms }: TrustedIssuer, keys: Key[], read: string): IssuerFinding[] {
  const types = new Set(keys.map(({ kty }) => kty));
  const usable = algorithms.some((alg) =>
    types.has(alg.startsWith('ES') ? 'EC' : alg.startsWith('Ed') ? 'OKP' : 'RSA'),
  );
  return [
    { status: 'ok', message: `${read} There are ${keys.length}.` },
    ...(usable
      ? []
      : [
          {
            status: 'failed' as const,
            message: `None of them is for one of the algorithms ${algorithms.join(', ')}.`,
          },
        ]),
  ];
}
