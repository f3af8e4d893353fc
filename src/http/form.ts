import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { OAuthError } from '../oauth/errors.ts';
import type { ParameterRule, Parameters } from '../oauth/parameters.ts';
import { decodeEscapes, decodeUtf8, isPlainText } from './text.ts';

/** The maximum size of a body in bytes; no request of the protocol needs more. */
export const bodyLimit = 56 * 1024;

/** The parameters of a request, without empty ones (RFC 6749 §3.2). */
export type Form = Record<string, string>;

/** The media type of forms. */
export const formType = 'application/x-www-form-urlencoded';

/**
 * Reads a form body (RFC 6749 Appendix B). With `parameters`, all others are ignored, whatever their value (§3.2).
 * Throws `invalid_request` if a parameter repeats (§3.2) or violates its rule.
 */
export async function readForm(ctx: Context, parameters?: Parameters): Promise<Form> {
  requireFormBody(ctx);
  return parseForm(await readText(ctx), parameters);
}

/** Does the same as `readForm` for a body that was already read. */
export const parseForm = (text: string, parameters?: Parameters): Form =>
  formOf(parsePairs(text, parameters));

/** The value of a query parameter of a page; null if it is absent. Throws like `readForm`. */
export const queryValue = (ctx: Context, name: string): string | null =>
  parsePairs(ctx.querystring).find(([given]) => given === name)?.[1] ?? null;

/** Converts pairs to a form. The last of repeated parameters wins. */
export function formOf(pairs: readonly (readonly [string, string])[]): Form {
  const form: Form = Object.create(null);
  for (const [name, value] of pairs) if (value !== '') form[name] = value;
  return form;
}

/** Page fields can have several lines and are limited only by the size of the body. */
const anyField: ParameterRule = {};

/** Does the same as `readForm`, but returns the pairs in order, empty ones included. */
export function parsePairs(text: string, parameters?: Parameters): [string, string][] {
  const pairs: [string, string][] = [];
  const times = new Map<string, number>();
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decodeEscapes(equals < 0 ? part : part.slice(0, equals), { form: true });
    const rule = parameters
      ? name !== undefined && Object.hasOwn(parameters, name) && parameters[name]
      : anyField;
    if (!rule) continue;
    if (name === undefined || !isPlainText(name))
      throw new OAuthError('invalid_request', 'The name of a parameter is not valid UTF-8 text.');
    const count = (times.get(name) ?? 0) + 1;
    times.set(name, count);
    const value = equals < 0 ? '' : decodeEscapes(part.slice(equals + 1), { form: true });
    const problem =
      count > (rule.repeats ?? 1)
        ? rule.repeats
          ? `is repeated more than ${rule.repeats} times`
          : 'is repeated'
        : problemOf(value, rule, { lines: !parameters });
    if (problem) throw invalid(name, problem, Boolean(parameters));
    pairs.push([name, value ?? '']);
  }
  return pairs;
}

function problemOf(
  value: string | undefined,
  { max, ascii }: ParameterRule,
  options: { lines: boolean },
): string | undefined {
  if (value === undefined) return 'is not percent-encoded UTF-8';
  if (max !== undefined && value.length > max) return `is longer than ${max} characters`;
  if (!isPlainText(value, options)) return 'contains a control character';
  if (ascii && !/^[\x20-\x7e]*$/.test(value)) return 'contains a character outside ASCII';
  return undefined;
}

/** The log names only known parameters, because a caller can choose any other name. */
const invalid = (name: string, problem: string, isKnown: boolean): OAuthError =>
  new OAuthError('invalid_request', `The parameter ${shown(name)} ${problem}.`, {
    parameter: name,
    reason: `${isKnown ? name : 'a parameter'} ${problem}`,
  });

/** A parameter name, safe to quote in an error (RFC 6749 §5.2). */
const shown = (name: string): string => name.slice(0, 60).replaceAll(/[^\w.[\]:-]/g, '?');

// Keyed by the request, so a body is forgotten together with its request.
const bodies = new WeakMap<IncomingMessage, Buffer>();

/** Keeps the body of a request, which can be read only once, for `readText`. */
export const rememberBody = (request: IncomingMessage, body: Buffer): void =>
  void bodies.set(request, body);

/** Checks what is known before the body is read: media type, encoding and size. */
export function requireFormBody(ctx: Context): void {
  const type = ctx.get('content-type');
  if (type && type !== formType && !ctx.is(formType))
    throw new OAuthError(
      'unsupported_media_type',
      'Send the parameters as application/x-www-form-urlencoded.',
    );
  requireReadableBody(ctx);
}

/** Throws `unsupported_media_type` for an encoding or charset (RFC 9110 §15.5.16), and `payload_too_large`. */
export function requireReadableBody(ctx: Context): void {
  if (!isUnencoded(ctx.req)) {
    ctx.set('Accept-Encoding', 'identity');
    throw new OAuthError(
      'unsupported_media_type',
      'Send the body without a Content-Encoding. Compressed bodies are not supported.',
    );
  }
  if (!/^(utf-?8|us-ascii|iso-8859-1|latin1)?$/i.test(ctx.request.charset))
    throw new OAuthError('unsupported_media_type', 'Send the body in UTF-8.');
  if ((ctx.request.length ?? 0) > bodyLimit) throw tooLarge();
}

/** Whether a body has no content coding (RFC 9110 §8.4), such as compression. */
export const isUnencoded = ({ headers }: IncomingMessage): boolean =>
  /^(identity)?$/i.test(headers['content-encoding'] ?? '');

/** Reads the body. Throws `payload_too_large`, `unsupported_media_type`, and `invalid_request` if it is not UTF-8. */
export async function readText(ctx: Context): Promise<string> {
  requireReadableBody(ctx);
  const body = bodies.get(ctx.req) ?? (await readBody(ctx));
  // Some libraries declare Latin-1 and send ASCII with escapes. Any byte beyond ASCII would mean a different character.
  if (
    /^(iso|latin)/i.test(ctx.request.charset) &&
    /[\x80-\xff]|%[89a-f]/i.test(body.toString('latin1'))
  )
    throw new OAuthError('unsupported_media_type', 'Send the body in UTF-8.');
  return decodeUtf8(body);
}

async function readBody(ctx: Context): Promise<Buffer> {
  try {
    return await getRawBody(ctx.req, { length: ctx.request.length ?? null, limit: bodyLimit });
  } catch (cause) {
    const { type } = cause as { type?: string };
    if (type === 'entity.too.large') throw tooLarge();
    throw new OAuthError('invalid_request', 'The body is incomplete.', { cause });
  }
}

/**
 * Reads the whole body for a later `readText`. It must run before authentication: otherwise a caller that holds its body
 * back could act with a token that was revoked in the meantime. Returns the error if the body cannot be read.
 */
export async function bufferBody(ctx: Context): Promise<unknown> {
  try {
    requireReadableBody(ctx);
    rememberBody(ctx.req, await readBody(ctx));
    return undefined;
  } catch (error) {
    return error;
  }
}

const tooLarge = () =>
  new OAuthError(
    'payload_too_large',
    `The body is too large. At most ${bodyLimit / 1024} KiB are allowed.`,
  );
