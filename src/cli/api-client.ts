import { Failure } from './failure.ts';

export type Json = Record<string, unknown>;

/** Calls the API of a server; what it refuses becomes a Failure in its own words. */
export function createApiClient({ url, token }: { url: string; token: string }) {
  const call = async (method: string, path: string, body?: object): Promise<Json> => {
    const response = await send(method, `${url}/api/v1${path}`, body);
    const text = await response.text();
    const answer = parse(text);
    if (response.ok && (answer || !text)) return answer ?? {};
    if (response.ok)
      throw new Failure(`${url} does not answer as Writ does. Is it the right server?`);
    throw new Failure(
      answer?.['error_description']
        ? String(answer['error_description'])
        : `${url} answered ${response.status}.`,
    );
  };

  const send = async (method: string, target: string, body?: object): Promise<Response> => {
    try {
      return await fetch(target, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      throw new Failure(`${url} cannot be reached. Is the server running?`, { cause });
    }
  };

  return {
    get: (path: string) => call('GET', path),
    post: (path: string, body: object = {}) => call('POST', path, body),
    put: (path: string, body: object) => call('PUT', path, body),
    delete: (path: string) => call('DELETE', path),

    /** Every item of a list, page by page. */
    async list(path: string): Promise<Json[]> {
      const items: Json[] = [];
      for (let after: unknown = ''; after !== null; ) {
        const page = await call(
          'GET',
          after ? `${path}?after=${encodeURIComponent(String(after))}` : path,
        );
        items.push(...(page['items'] as Json[]));
        after = page['next'] ?? null;
      }
      return items;
    },
  };
}

export type ApiClient = ReturnType<typeof createApiClient>;

function parse(text: string): Json | undefined {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
