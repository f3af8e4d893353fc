/** THE HANDLER of `node:http` behind a guard, and the response with the metadata that adapters of frameworks share. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Admission, Guard, Refusal } from './types.ts';

/** Clients in a browser read the metadata from another origin. */
export const metadataHeaders = {
  'Content-Type': 'application/json',
  'Cache-Control': 'public, max-age=300',
  'Access-Control-Allow-Origin': '*',
};

/** Whether a request is for the metadata of the API (RFC 9728 §3.1). */
export const isForMetadata = (
  { metadata }: Pick<Guard, 'metadata'>,
  { method, url }: { method?: string | undefined; url?: string | undefined },
): boolean =>
  metadata !== undefined && url === metadata.path && (method === 'GET' || method === 'HEAD');

/** Sends the metadata. */
export function sendMetadata(
  { metadata }: Pick<Guard, 'metadata'>,
  { method }: { method?: string | undefined },
  response: ServerResponse,
): void {
  response.writeHead(200, metadataHeaders);
  response.end(method === 'HEAD' ? undefined : JSON.stringify(metadata?.document));
}

/** Sends a refusal. */
export function sendRefusal({ status, headers, body }: Refusal, response: ServerResponse): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Counts the bytes that a response sends on its connection. */
export function countResponse(
  guard: Pick<Guard, 'countBytes'>,
  { socket }: Pick<IncomingMessage, 'socket'>,
  response: ServerResponse,
  caller: Parameters<Guard['countBytes']>[0],
): void {
  if (caller.app === undefined) return;
  const before = socket.bytesWritten;
  const count = () => {
    response.off('finish', count).off('close', count);
    guard.countBytes(caller, socket.bytesWritten - before);
  };
  // A connection that breaks has received part of the response.
  response.once('finish', count).once('close', count);
}

type Protect = Guard['protect'];

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';

/** The handler of `Guard.protect`. */
export function protectHandler(
  guard: Guard,
  handle: Parameters<Protect>[0],
  {
    appOf = () => undefined,
    scopeOf = () => undefined,
    signInOf = () => undefined,
    notify,
  }: NonNullable<Parameters<Protect>[1]> & { notify: (error: unknown) => void },
): RequestListener {
  const fail = (response: ServerResponse, error: unknown): void => {
    notify(error);
    if (response.headersSent) response.destroy();
    else {
      response.writeHead(500, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ error: 'server_error' }));
    }
  };

  const answer = (
    request: IncomingMessage,
    response: ServerResponse,
    { caller, refusal }: Admission,
  ): void => {
    if (refusal) {
      sendRefusal(refusal, response);
      return;
    }
    countResponse(guard, request, response, caller);
    try {
      const handled = handle(request, response, caller);
      // Nothing else waits for this promise: its rejection would end the process.
      if (isThenable(handled)) handled.then(undefined, (error) => fail(response, error));
    } catch (error) {
      fail(response, error);
    }
  };

  return (request, response) => {
    if (isForMetadata(guard, request)) return sendMetadata(guard, request, response);
    const about = { scope: scopeOf(request), signIn: signInOf(request) };
    const admission = guard.admitAtOnce(request, about);
    if (admission) answer(request, response, admission);
    else
      void guard
        .admit(request, { app: appOf(request), ...about })
        .then((later) => answer(request, response, later));
  };
}
