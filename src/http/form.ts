import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { OAuthError } from '../oauth/errors.ts';
import type { ParameterRule, Parameters } from '../oauth/parameters.ts';
import { decodeEscapes, decodeUtf8, isPlainText } from './text.ts';

/** More than any request of the protocol needs. */
export const bodyLimit = 56 * 1024;

/** The parameters of a request, without those that are empty (RFC 6749 §3.2). */
export type Form = Record<string, string>;

export const formType = 'application/x-www-form-urlencoded';

/**
 * Reads a form body (RFC 6749 Appendix B). With `parameters`, those that are not listed are ignored, whatever they
 * hold (§3.2). Throws `invalid_request` where a parameter comes twice (§3.2) or does not fit its rule.
 */
export async function readForm(ctx: Context, parameters?: Parameters): Promise<Form> {
  requireFormBody(ctx);
  return parseForm(await readText(ctx), parameters);
}

/** As `readForm`, of a body that was read already. */
export const parseForm = (text: string, parameters?: Parameters): Form =>
  formOf(parsePairs(text, parameters));

/** The value of a parameter in the query of a page; null where it is not there. Throws as `readForm` does. */
export const queryValue = (ctx: Context, name: string): string | null =>
  parsePairs(ctx.querystring).find(([given]) => given === name)?.[1] ?? null;

/** The pairs as a form; of a parameter that repeats, the last. */
export function formOf(pairs: readonly (readonly [string, string])[]): Form {
  const form: Form = Object.create(null);
  for (const [name, value] of pairs) if (value !== '') form[name] = value;
  return form;
}

/** What the fields of pages may be: several lines, and as long as the body lets them. */
const anyField: ParameterRule = {};

/** As `readForm`: name and value of each parameter in their order, those that are empty too. */
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
      throw new OAuthError('invalid_request', 'The name of a parameter is malformed.');
    const count = (times.get(name) ?? 0) + 1;
    times.set(name, count);
    const value = equals < 0 ? '' : decodeEscapes(part.slice(equals + 1), { form: true });
    const problem =
      count > (rule.repeats ?? 1)
        ? rule.repeats
          ? `comes more than ${rule.repeats} times`
          : 'comes twice'
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
  if (value === undefined) return 'is not UTF-8, percent-encoded';
  if (max !== undefined && value.length > max) return `has at most ${max} characters`;
  if (!isPlainText(value, options)) return 'holds a control character';
  if (ascii && !/^[\x20-\x7e]*$/.test(value)) return 'holds a character beyond ASCII';
  return undefined;
}

/** The log names the parameters that we know, and no others: a caller chooses those. */
const invalid = (name: string, problem: string, isKnown: boolean): OAuthError =>
  new OAuthError('invalid_request', `The parameter ${shown(name)} ${problem}.`, {
    parameter: name,
    reason: `${isKnown ? name : 'a parameter'} ${problem}`,
  });

/** A name as an error may quote it (RFC 6749 §5.2). */
const shown = (name: string): string => name.slice(0, 60).replaceAll(/[^\w.[\]:-]/g, '?');

// What is known of a request, for as long as the request itself is: no state that outlives it.
const bodies = new WeakMap<IncomingMessage, Buffer>();

/** Keeps the body of a request, which can be read once, for whatever reads it later. */
export const rememberBody = (request: IncomingMessage, body: Buffer): void =>
  void bodies.set(request, body);

/** What can be known of a body before it is read: its type, its coding and its size. */
export function requireFormBody(ctx: Context): void {
  const type = ctx.get('content-type');
  if (type && type !== formType && !ctx.is(formType))
    throw new OAuthError(
      'unsupported_media_type',
      'Send the parameters as application/x-www-form-urlencoded.',
    );
  requireReadableBody(ctx);
}

/** Throws `unsupported_media_type` for a coding or charset that is not read (RFC 9110 §15.5.16), `payload_too_large`. */
export function requireReadableBody(ctx: Context): void {
  if (!isPlainlyCoded(ctx.req)) {
    ctx.set('Accept-Encoding', 'identity');
    throw new OAuthError(
      'unsupported_media_type',
      'Send the body without a Content-Encoding: compressed bodies are not read.',
    );
  }
  if (!/^(utf-?8|us-ascii|iso-8859-1|latin1)?$/i.test(ctx.request.charset))
    throw new OAuthError('unsupported_media_type', 'Send the body in UTF-8.');
  if ((ctx.request.length ?? 0) > bodyLimit) throw tooLarge();
}

/** Whether a body comes as it is, neither compressed nor coded otherwise (RFC 9110 §8.4). */
export const isPlainlyCoded = ({ headers }: IncomingMessage): boolean =>
  /^(identity)?$/i.test(headers['content-encoding'] ?? '');

/** The body as text. Throws `payload_too_large`, `unsupported_media_type`, and `invalid_request` where it is not UTF-8. */
export async function readText(ctx: Context): Promise<string> {
  requireReadableBody(ctx);
  const body = bodies.get(ctx.req) ?? (await readBody(ctx));
  // Some libraries name this charset and send ASCII, escapes and all. Any other byte means another letter in it.
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
    throw new OAuthError('invalid_request', 'The body could not be read to its end.', { cause });
  }
}

/**
 * Waits for the body, which `readText` then gives at once: a caller who is let in on what came before the body, and
 * holds it back, would be let in on what may no longer hold. Gives the error where it cannot be read.
 */
export async function awaitText(ctx: Context): Promise<unknown> {
  try {
    requireReadableBody(ctx);
    rememberBody(ctx.req, await readBody(ctx));
    return undefined;
  } catch (error) {
    return error;
  }
}

const tooLarge = () =>
  new OAuthError('payload_too_large', `A body may have ${bodyLimit / 1024} KiB at most.`);
