/** API keys in requests, in the forms that API platforms use besides Bearer tokens (RFC 6750). */

/** A key, and the app that it belongs to according to the caller. */
export interface PresentedApiKey {
  app: string | undefined;
  key: string;
}

/** The places of a request that can contain a key. */
interface Request {
  authorization: string | undefined;
  /** Returns another header by its name; empty or undefined if it is absent. */
  header: (name: string) => string | undefined;
  /** The query string without `?`. */
  query: string;
}

/**
 * The API key of a request: `Authorization: ApiKey app:key`, `ApiKey: app:key`, `X-ApiKey: app:key` or
 * `?api_key=app:key`, in this order. `app:` is optional. Undefined if there is none.
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
