// The short way: what is asked most often passes by Koa, which costs as much as all that is done here.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { bodyLimit, type Form, formType, parseForm, rememberText } from '../http/form.ts';
import { tokenExpirationHeader } from '../http/token-expiration.ts';

/** The response, and what the header says of the token, where that says something. */
export interface Answer {
  response: object;
  expiration: string | undefined;
}

export interface FastPath {
  /** Goes before `otherwise`, which gets what it leaves. */
  before(otherwise: RequestListener): RequestListener;
  /** Why it gave a request up, for the long way, which knows how a refusal is answered. */
  failureOf(request: IncomingMessage): { reason: unknown } | undefined;
}

/**
 * Answers a plain POST of a form to `path`: one that states its length, and comes from no page of a
 * browser. Everything else takes the long way; so does a request that `answer` throws for, with its
 * body and the reason at hand.
 */
export function createFastPath(
  path: string,
  answer: (form: Form, authorization: string) => Promise<Answer>,
): FastPath {
  const failures = new WeakMap<IncomingMessage, { reason: unknown }>();

  /** False where the request is for the long way. */
  const respond = async (
    request: IncomingMessage,
    response: ServerResponse,
    text: string,
  ): Promise<boolean> => {
    try {
      const form = parseForm(text);
      const { response: answered, expiration } = await answer(
        form,
        request.headers.authorization ?? '',
      );
      const body = JSON.stringify(answered);
      if (expiration) response.setHeader(tokenExpirationHeader, expiration);
      response.writeHead(200, {
        'Cache-Control': 'no-store',
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Length': Buffer.byteLength(body),
      });
      response.end(body);
      return true;
    } catch (reason) {
      failures.set(request, { reason });
    }
    rememberText(request, text);
    return false;
  };

  return {
    failureOf: (request) => failures.get(request),
    before: (otherwise) => (request, response) => {
      if (request.url !== path || !isPlain(request)) return otherwise(request, response);
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', async () => {
        if (!(await respond(request, response, textOf(parts)))) otherwise(request, response);
      });
      // Its connection broke before it was whole: no caller waits for an answer.
      request.on('error', () => {});
    },
  };
}

/** As browsers' own forms and curl name it, or with the charset that `fetch` adds. */
const plainForm = new RegExp(`^${formType}(;\\s*charset=utf-8)?$`, 'i');

function isPlain({ method, headers }: IncomingMessage): boolean {
  const length = Number(headers['content-length']);
  return (
    method === 'POST' &&
    plainForm.test(headers['content-type'] ?? '') &&
    length <= bodyLimit &&
    headers.origin === undefined
  );
}

const textOf = (parts: Buffer[]): string =>
  (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)).toString();
