import { urlOf } from '../../oauth/issuer.ts';

/** The timeout of a request to Writ in milliseconds. */
const timeoutMs = 5_000;

/** The response of Writ has another status than 200. */
export class UnexpectedStatus extends Error {
  readonly status: number;

  constructor(path: string, status: number) {
    super(`${path} responded with ${status}`);
    this.status = status;
  }
}

/** Requests to Writ as the resource server. */
export interface Writ {
  authorization: string;
  urlOf(path: string): string;
  /** Posts a form, or JSON as text. */
  ask(path: string, body: URLSearchParams | string): Promise<Record<string, unknown>>;
  get(path: string): Promise<Record<string, unknown>>;
}

/** Authenticates by HTTP Basic (RFC 6749 §2.3.1). */
export function createWrit(issuer: string, client: { id: string; secret: string }): Writ {
  const authorization = `Basic ${Buffer.from(
    `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`,
  ).toString('base64')}`;

  const send = async (path: string, init: RequestInit): Promise<Record<string, unknown>> => {
    const response = await fetch(urlOf(issuer, path), {
      ...init,
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.ok) return (await response.json()) as Record<string, unknown>;
    await response.body?.cancel();
    throw new UnexpectedStatus(path, response.status);
  };

  return {
    authorization,
    urlOf: (path) => urlOf(issuer, path),
    ask: (path, body) =>
      send(path, {
        method: 'POST',
        headers: {
          authorization,
          ...(typeof body === 'string' && { 'content-type': 'application/json' }),
        },
        body,
      }),
    get: (path) => send(path, { headers: { authorization, accept: 'application/json' } }),
  };
}
