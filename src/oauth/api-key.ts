/** API keys in requests: the spellings that API platforms have for what is no Bearer token (RFC 6750 has none of them). */

/** A key, and the app that the caller says it is of. */
export interface PresentedApiKey {
  app: string | undefined;
  key: string;
}

/** Where a request may have a key. */
interface Request {
  authorization: string | undefined;
  /** Reads another header by its name; empty or undefined where it is absent. */
  header: (name: string) => string | undefined;
  /** The query, without `?`. */
  query: string;
}

/**
 * The API key of a request: `Authorization: ApiKey app:key`, `ApiKey: app:key`, `X-ApiKey: app:key` or `?api_key=app:key`,
 * in this order. `app:` may be left out. Undefined where there is none.
 */
export function readApiKey({ authorization, header, query }: Request): PresentedApiKey | undefined {
  const text = (
    /^apikey +(.+)$/i.exec(authorization ?? '')?.[1] ||
    header('apikey') ||
    header('x-apikey') ||
    new URLSearchParams(query).get('api_key') ||
    ''
  ).trim();
  if (text === '') return undefined;
  const colon = text.indexOf(':');
  return {
    app: colon < 0 ? undefined : text.slice(0, colon),
    key: text.slice(colon + 1),
  };
}
