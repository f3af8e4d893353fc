import type { IncomingMessage } from 'node:http';
import * as querystring from 'node:querystring';
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { OAuthError } from '../oauth/errors.ts';

/** More than any request of the protocol needs. */
export const bodyLimit = 56 * 1024;

/** The parameters of a request, without those that are empty (RFC 6749 §3.2). */
export type Form = Record<string, string>;

export const formType = 'application/x-www-form-urlencoded';

/** Reads a form body (RFC 6749 Appendix B). Throws `invalid_request` where a parameter comes twice (§3.2). */
export async function readForm(ctx: Context): Promise<Form> {
  requireFormBody(ctx);
  return parseForm(await readText(ctx));
}

/** As `readForm`, of a body that was read already. */
export function parseForm(text: string): Form {
  const form: Form = Object.create(null);
  const seen = new Set<string>();
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    if (seen.has(name))
      throw new OAuthError('invalid_request', `The parameter ${name} comes twice.`, {
        parameter: name,
        reason: 'a parameter comes twice',
      });
    seen.add(name);
    if (equals >= 0 && equals < part.length - 1) form[name] = decode(part.slice(equals + 1));
  }
  return form;
}

const decode = (text: string): string =>
  text.includes('%') || text.includes('+') ? querystring.unescape(text.replaceAll('+', ' ')) : text;

// What is known of a request, for as long as the request itself is: no state that outlives it.
const texts = new WeakMap<IncomingMessage, string>();

/** Keeps the body of a request, which can be read once, for whoever asks for it later. */
export const rememberText = (request: IncomingMessage, text: string): void =>
  void texts.set(request, text);

/** What can be known of a body before it is read: its type and its size. */
export function requireFormBody(ctx: Context): void {
  const type = ctx.get('content-type');
  if (type && type !== formType && !ctx.is(formType))
    throw new OAuthError(
      'unsupported_media_type',
      'Send the parameters as application/x-www-form-urlencoded.',
    );
  requireSmallBody(ctx);
}

export function requireSmallBody(ctx: Context): void {
  if ((ctx.request.length ?? 0) > bodyLimit) throw tooLarge();
}

/** The body as text. Throws `payload_too_large`. */
export async function readText(ctx: Context): Promise<string> {
  const kept = texts.get(ctx.req);
  if (kept !== undefined) return kept;
  requireSmallBody(ctx);
  try {
    return await getRawBody(ctx.req, {
      length: ctx.request.length ?? null,
      limit: bodyLimit,
      encoding: 'utf8',
    });
  } catch (cause) {
    const { type } = cause as { type?: string };
    if (type === 'entity.too.large') throw tooLarge();
    throw new OAuthError('invalid_request', 'The body could not be read to its end.', { cause });
  }
}

/**
 * Waits for the body, which `readText` then gives at once: whoever is let in on what they said before it, and
 * holds it back, would be let in on what may no longer hold. Gives the error where it cannot be read.
 */
export async function awaitText(ctx: Context): Promise<unknown> {
  try {
    rememberText(ctx.req, await readText(ctx));
    return undefined;
  } catch (error) {
    return error;
  }
}

const tooLarge = () =>
  new OAuthError('payload_too_large', `A body may have ${bodyLimit / 1024} KiB at most.`);
