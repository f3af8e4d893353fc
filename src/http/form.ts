import * as querystring from 'node:querystring';
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { OAuthError } from '../oauth/errors.ts';

/** More than any request of the protocol needs. */
export const bodyLimit = 56 * 1024;

/** Reads a form body (RFC 6749 Appendix B). Throws `invalid_request` where a parameter comes twice (§3.2). */
export async function readForm(ctx: Context): Promise<Record<string, string>> {
  requireFormBody(ctx);
  const text = await readText(ctx);
  const form: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(querystring.parse(text))) {
    if (typeof value !== 'string')
      throw new OAuthError('invalid_request', `The parameter ${name} comes twice.`);
    if (value !== '') form[name] = value;
  }
  return form;
}

const formType = 'application/x-www-form-urlencoded';

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

const tooLarge = () =>
  new OAuthError('payload_too_large', `A body may have ${bodyLimit / 1024} KiB at most.`);
