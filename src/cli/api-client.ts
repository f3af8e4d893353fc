import { randomUUID } from 'node:crypto';
import { grantTypes } from '../oauth/grant-types.ts';
import { argumentOf } from './argument-names.ts';
import { commandName } from './command-name.ts';
import { Failure, LostAnswer, Refusal } from './failure.ts';
import { nameOfGrant } from './grant-names.ts';
import { type Answer, clean, notFromWrit, request } from './http.ts';

export type Json = Record<string, unknown>;

/** A server, and the token to talk to it with. */
export interface Target {
  url: string;
  token: string;
  /** Where the token was found, for a refusal. */
  tokenFrom: string;
  /** What to do if it is not accepted. */
  tokenRemedy: string;
  /** Gets another token in place of one that was not accepted; undefined if there is no way. */
  renew?: (() => Promise<string>) | undefined;
}

/** Calls the API of a server. A refusal is thrown as a Failure in the words of the server. */
export function createApiClient({ url, ...credentials }: Target, milliseconds?: number) {
  let { token } = credentials;

  const send = async (
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<{ thing: Json; etag: string | null }> => {
    const attempt = () =>
      request(
        `${url}/api/v1${path}`,
        {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(body && { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body && { body: JSON.stringify(body) }),
        },
        milliseconds,
      );
    let answer = await attempt();
    if (answer.status === 401 && credentials.renew) {
      token = await credentials.renew();
      answer = await attempt();
    }
    const ok = answer.status >= 200 && answer.status < 300;
    if (ok && (isObject(answer.json) || answer.status === 204))
      return { thing: (answer.json as Json) ?? {}, etag: answer.headers.get('etag') };
    throw refusalOf(url, answer, credentials);
  };

  const get = async (path: string): Promise<Json> => (await send('GET', path)).thing;

  return {
    url,
    /** The token of the latest call, which may have been renewed. */
    token: () => token,
    get,
    post: async (path: string, body: object = {}) => (await send('POST', path, body)).thing,

    /**
     * Creates something whose response shows a secret. If the response is lost, it repeats the request once with the
     * same `Idempotency-Key`: the server creates nothing twice, and shows the secret again.
     */
    async create(path: string, body: object = {}): Promise<Json> {
      const headers = { 'idempotency-key': randomUUID() };
      const ask = async () => (await send('POST', path, body, headers)).thing;
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof LostAnswer)) throw error;
        return ask();
      }
    },

    put: async (path: string, body: object) => (await send('PUT', path, body)).thing,
    delete: async (path: string) => (await send('DELETE', path)).thing,

    /**
     * Reads a thing and changes it as `changes` decides, unless it was changed in between (RFC 9110 §13.1.1). With the
     * method PUT, `changes` returns the whole thing. Throws Failure.
     */
    async update(
      path: string,
      changes: (current: Json) => Json,
      method: 'PATCH' | 'PUT' = 'PATCH',
    ): Promise<Json> {
      const { thing, etag } = await send('GET', path);
      const headers: Record<string, string> = etag ? { 'if-match': etag } : {};
      try {
        return (await send(method, path, changes(thing), headers)).thing;
      } catch (error) {
        if (!(error instanceof Refusal && error.status === 412)) throw error;
        throw new Failure('It was changed in the meantime, so nothing was done.', {
          remedy: 'Run the command again.',
          cause: error,
        });
      }
    },

    /** The items of a list, page by page: at most `max` of them. */
    async list(
      path: string,
      query: Record<string, string | undefined> = {},
      max = Number.POSITIVE_INFINITY,
    ): Promise<Json[]> {
      const items: Json[] = [];
      const given = Object.entries(query).filter(([, value]) => value !== undefined);
      for (let after: string | undefined; ; ) {
        const parameters = new URLSearchParams(given as [string, string][]);
        if (after !== undefined) parameters.set('after', after);
        if (max - items.length < 100) parameters.set('limit', String(max - items.length));
        const page = await get(parameters.size > 0 ? `${path}?${parameters}` : path);
        if (!Array.isArray(page['items']))
          throw new Failure(`${url} does not answer as Writ does.`, {
            remedy: 'Is it the right server?',
          });
        items.push(...page['items']);
        if (typeof page['next'] !== 'string' || items.length >= max) return items.slice(0, max);
        after = page['next'];
      }
    },
  };
}

export type ApiClient = ReturnType<typeof createApiClient>;

/** The words of the server, with the names that options take and the commands that help. */
const inOurTerms = (words: string): string =>
  clean(words)
    .replaceAll(grantTypes.deviceCode, nameOfGrant(grantTypes.deviceCode))
    .replaceAll(grantTypes.tokenExchange, nameOfGrant(grantTypes.tokenExchange))
    .replaceAll(grantTypes.jwtBearer, nameOfGrant(grantTypes.jwtBearer))
    .replace(/^(\w+)(?:\[(\d+)\])?(?=: )/, (place, field: string, index?: string) => {
      const argument = argumentOf[field];
      if (!argument) return place;
      return index === undefined ? argument : `${argument} (number ${Number(index) + 1})`;
    })
    .replace(
      /The (role|resource) (\S+) does not exist\. Create it first\./,
      (sentence, kind: string, name: string) =>
        `${sentence.slice(0, -1)}: ${commandName} ${kind === 'role' ? `roles set ${name} --permission PERMISSION` : `resources create ${name}`}`,
    );

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function refusalOf(
  url: string,
  answer: Answer,
  { tokenFrom, tokenRemedy }: Omit<Target, 'url'>,
): Failure {
  const { status, json } = answer;
  const { error, error_description: description, details } = isObject(json) ? json : {};
  if (typeof error !== 'string') return notFromWrit(url, answer);
  if (error === 'invalid_token')
    return new Refusal(status, error, `${url} does not accept ${tokenFrom}.`, {
      remedy: tokenRemedy,
    });
  const words = listOf(details) ?? inOurTerms(String(description ?? `${url} answered ${status}.`));
  if (error === 'insufficient_scope')
    return new Refusal(status, error, `${words} It is not a scope of ${tokenFrom}.`, {
      remedy: tokenRemedy,
    });
  return new Refusal(status, error, words);
}

/** Several problems, a line each with its parameter. Undefined if there is only one, which the description has. */
function listOf(details: unknown): string | undefined {
  if (!Array.isArray(details) || details.length < 2 || !details.every(isObject)) return undefined;
  const lines = details.map(
    ({ parameter = 'The body', message }) => `\n  ${inOurTerms(`${parameter}: ${message}`)}`,
  );
  return `The server refused ${details.length} values:${lines.join('')}`;
}
