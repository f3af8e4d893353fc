/**
 * THE FAST PATH of introspection: it is the hottest endpoint, so plain requests bypass Koa, which would cost as much
 * as everything done here.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { inOneWait } from '../../db/deadline.ts';
import {
  bodyLimit,
  type Form,
  formType,
  isPlainlyCoded,
  parseForm,
  rememberBody,
} from '../http/form.ts';
import { decodeUtf8 } from '../http/text.ts';
import { tokenExpirationHeader } from '../http/token-expiration.ts';
import type { Parameters } from '../oauth/parameters.ts';

export interface FastPathResponse {
  body: object;
  /** When a token of a person or a backend expires, for its header. */
  expiration: string | undefined;
}

export interface FastPath {
  /** Goes before `otherwise`, which gets the requests that it leaves. */
  before(otherwise: RequestListener): RequestListener;
  /** Why it gave up on a request, for the slow path, which knows how to refuse. */
  failureOf(request: IncomingMessage): { reason: unknown } | undefined;
}

/**
 * Answers a plain POST of a form of `parameters` to `path`: one that states its length, and comes from no page of
 * a browser. Every other request takes the slow path; so does one for which `respond` throws, with its
 * body and the reason at hand. `headers` are what every answer says.
 */
export function createFastPath(
  path: string,
  parameters: Parameters,
  headers: Readonly<Record<string, string>>,
  respond: (form: Form, request: IncomingMessage) => Promise<FastPathResponse>,
): FastPath {
  const failures = new WeakMap<IncomingMessage, { reason: unknown }>();

  /** False where the request is for the slow path. */
  const handle = async (
    request: IncomingMessage,
    response: ServerResponse,
    bytes: Buffer,
  ): Promise<boolean> => {
    try {
      const form = parseForm(decodeUtf8(bytes), parameters);
      const { body, expiration } = await inOneWait(() => respond(form, request));
      const json = JSON.stringify(body);
      if (expiration) response.setHeader(tokenExpirationHeader, expiration);
      response.writeHead(200, {
        ...headers,
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
      request.on('end', async () => {
        if (!(await handle(request, response, whole(parts)))) otherwise(request, response);
      });
      // The connection broke before the request was whole: no caller waits for an answer.
      request.on('error', () => {});
    },
  };
}

/** The type that forms of browsers and curl send, or with the charset that `fetch` adds. */
const plainForm = new RegExp(`^${formType}(;\\s*charset=utf-8)?$`, 'i');

function isPlain(request: IncomingMessage): boolean {
  const { method, headers } = request;
  const length = Number(headers['content-length']);
  return (
    method === 'POST' &&
    plainForm.test(headers['content-type'] ?? '') &&
    length <= bodyLimit &&
    isPlainlyCoded(request) &&
    headers.origin === undefined
  );
}

const whole = (parts: Buffer[]): Buffer =>
  parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
