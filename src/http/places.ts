import type * as http from 'node:http';

/** For each request in progress so many may be on their way in, whose bodies have not arrived yet. */
const arrivingPerPlace = 4;

/**
 * Bounds the requests in progress. A request whose body is still arriving takes none of these places, or a few
 * hundred half-sent bodies would keep out all others; they have a bound of their own, and the timeouts of
 * the listener. Below the bound it costs nothing: only beyond it are those that arrive counted.
 */
export function createPlaces(most: number, running: ReadonlySet<http.ServerResponse>) {
  return {
    /** Whether one more request may begin. `running` holds it already; it is not complete yet. */
    hasRoom(): boolean {
      if (running.size <= most) return true;
      if (running.size > most * (1 + arrivingPerPlace)) return false;
      let complete = 0;
      for (const { req } of running) if (req.complete) complete++;
      return complete < most;
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
    'Retry-After': String(seconds),
    'Cache-Control': 'no-store',
    'Content-Type': isPage ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
