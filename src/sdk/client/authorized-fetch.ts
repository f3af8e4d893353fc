import type { TokenSource } from './token-source.ts';

/**
 * A `fetch` whose requests carry a token of the source (RFC 6750 §2.1). If the API responds with 401, the token is replaced
 * and the request sent once more, unless its body is a stream, which can be read only once.
 *
 * Give it only URLs of the API that the token is for, because every server that receives it can use it.
 */
export function authorizedFetch(source: TokenSource, send: typeof fetch = fetch): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const again = request.body === null || isRepeatable(init?.body) ? request.clone() : undefined;
    const attempt = async (one: Request): Promise<{ response: Response; token: string }> => {
      const token = await source.token();
      one.headers.set('authorization', `Bearer ${token}`);
      return { response: await send(one), token };
    };
    const { response, token } = await attempt(request);
    if (response.status !== 401 || !again) return response;
    source.refused(token);
    await response.body?.cancel();
    return (await attempt(again)).response;
  };
}

const isRepeatable = (body: unknown): boolean =>
  body !== undefined && body !== null && !(body instanceof ReadableStream);
