// Posting the same form to the fast path and past it.
import * as http from 'node:http';

export type Form = Record<string, string> | [string, string][];

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: Record<string, unknown>;
}

/** Posts a form. Chunked, it has no Content-Length, so it does not take the fast path (src/protocol/fast-path.ts). */
export function post(
  url: string,
  form: Form,
  headers: Record<string, string>,
  { isChunked }: { isChunked: boolean },
): Promise<Answer> {
  const text = new URLSearchParams(form).toString();
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(!isChunked && { 'content-length': Buffer.byteLength(text) }),
          ...headers,
        },
      },
      (response) => {
        let json = '';
        response.on('data', (part) => {
          json += part;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: JSON.parse(json),
          }),
        );
      },
    );
    request.on('error', reject);
    // Written first, so that Node does not know the length.
    if (isChunked) request.write(text);
    request.end(isChunked ? '' : text);
  });
}
