import type * as http from 'node:http';
import { isStream } from './streams.ts';

/**
 * For each request in progress so many may be on their way in or out: their bodies have not arrived yet, or their
 * responses have not been taken yet.
 */
const movingPerPlace = 4;

/**
 * Bounds the requests in progress. One that is on its way takes none of these places, or a few hundred callers who
 * send or read slowly would keep out all others. Those have a bound of their own, beyond which the oldest is cut off:
 * who is quick always gets in. Below the bound it costs nothing: only beyond it are requests counted.
 */
export function createPlaces(most: number, running: ReadonlySet<http.ServerResponse>) {
  return {
    /** Whether one more request may begin. `running` holds it already, as the last; it is not complete yet. */
    hasRoom(): boolean {
      if (running.size <= most) return true;
      let inProgress = 0;
      let moving = 0;
      let oldest: http.ServerResponse | undefined;
      for (const response of running) {
        if (response.destroyed || isStream(response)) continue;
        if (response.req.complete && !response.writableEnded) inProgress++;
        else {
          moving++;
          oldest ??= response;
        }
      }
      if (moving > most * movingPerPlace + 1) oldest?.destroy();
      return inProgress < most;
    },
  };
}

/**
 * Refuses a request that there is no room for, at once: 503 with `Retry-After` (RFC 9110 §15.6.4), a page where
 * a browser shows the answer.
 */
export function refuse(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { sentence, seconds, headers }: { sentence: string; seconds: number; headers: object },
): void {
  const isPage = request.headers['sec-fetch-dest'] === 'document';
  const body = isPage
    ? `<!doctype html><html lang="en"><meta charset="utf-8"><title>Try again in a moment</title><h1>Try again in a moment</h1><p>${sentence}</p>`
    : JSON.stringify({ error: 'temporarily_unavailable', error_description: sentence });
  response.writeHead(503, {
    ...headers,
    'X-Content-Type-Options': 'nosniff',
    'Retry-After': String(seconds),
    'Cache-Control': 'no-store',
    'Content-Type': isPage ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
