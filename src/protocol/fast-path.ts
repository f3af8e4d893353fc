/**
 * THE FAST PATH of introspection, revocation, and of the client credentials, refresh token and device code grants: the most frequent
 * requests. Koa would cost as much as everything done here, so plain requests bypass it.
 */
import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { withWaitBudget } from '../../db/deadline.ts';
import {
  bodyLimit,
  type Form,
  formType,
  isUnencoded,
  parseForm,
  rememberBody,
} from '../http/form.ts';
import { decodeUtf8 } from '../http/text.ts';
import type { Parameters } from '../oauth/parameters.ts';

/** A response of the fast path. */
export interface FastPathResponse {
  body: object;
  /** 200 by default. */
  status?: number | undefined;
  /** Further headers. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** The fast path of one endpoint. */
export interface FastPath {
  /** Tries a request first, and passes it to `otherwise` if the fast path does not apply. */
  before(otherwise: RequestListener): RequestListener;
  /** The error that made the fast path give up on a request; the slow path turns it into a response. */
  failureOf(request: IncomingMessage): { reason: unknown } | undefined;
}

/**
 * Handles a plain POST of a form with `parameters` to `path`: with a Content-Length and without an `Origin` header.
 * Every other request takes the slow path, as does one for which `respond` throws; the slow path then reuses its body
 * and the error. `headers` are added to every response.
 */
export function createFastPath(
  path: string,
  parameters: Parameters,
  headers: Readonly<Record<string, string>>,
  respond: (
    form: Form,
    request: IncomingMessage,
    response: ServerResponse,
  ) => Promise<FastPathResponse>,
): FastPath {
  const failures = new WeakMap<IncomingMessage, { reason: unknown }>();

  /** Returns false if the request must take the slow path. */
  const handle = async (
    request: IncomingMessage,
    response: ServerResponse,
    bytes: Buffer,
  ): Promise<boolean> => {
    try {
      const form = parseForm(decodeUtf8(bytes), parameters);
      const {
        body,
        status = 200,
        headers: own,
      } = await withWaitBudget(() => respond(form, request, response));
      const json = JSON.stringify(body);
      response.writeHead(status, {
        ...headers,
        ...own,
        'Cache-Control': 'no-store',
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Length': Buffer.byteLength(json),
      });
      response.end(json);
      return true;
    } catch (reason) {
      failures.set(request, { reason });
    }
    rememberBody(request, bytes);
    return false;
  };

  return {
    failureOf: (request) => failures.get(request),
    before: (otherwise) => (request, response) => {
      if (request.url !== path || !isPlain(request)) return otherwise(request, response);
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      // What follows belongs to this request, as it would without the wait for its body: traces depend on that.
      const inItsContext = AsyncResource.bind(async () => {
        if (!(await handle(request, response, whole(parts)))) otherwise(request, response);
      });
      request.on('end', inItsContext);
      // The connection broke before the body was complete; a response would reach no one.
      request.on('error', () => {});
    },
  };
}

/** The content type of HTML forms and curl, optionally with the charset that `fetch` adds. */
const plainForm = new RegExp(`^${formType}(;\\s*charset=utf-8)?$`, 'i');

function isPlain(request: IncomingMessage): boolean {
  const { method, headers } = request;
  const length = Number(headers['content-length']);
  return (
    method === 'POST' &&
    plainForm.test(headers['content-type'] ?? '') &&
    length <= bodyLimit &&
    isUnencoded(request) &&
    headers.origin === undefined
  );
}

const whole = (parts: Buffer[]): Buffer =>
  parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
