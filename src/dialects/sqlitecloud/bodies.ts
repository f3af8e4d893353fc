/** The request bodies. Unknown members are ignored, because clients send members of later versions. */
import type { Context } from 'koa';
import * as z from 'zod';
import { parseJson } from '../../http/json.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { readObject } from '../framework/body.ts';
import { readTime } from './times.ts';

/** Null for never. */
const expiresAt = z
  .string('must be a time such as 2030-01-01T00:00:00Z, or null')
  .transform((text, context) => {
    const time = readTime(text);
    if (time) return time;
    context.addIssue('must be a time such as 2030-01-01T00:00:00Z or 2030-01-01 00:00:00');
    return z.NEVER;
  })
  .nullable();

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object or, as the documentation shows it, its JSON in a string. */
const attributes = z.unknown().transform((value, context): Record<string, unknown> | null => {
  const read = typeof value === 'string' ? parsed(value) : value;
  if (read === null || isObject(read)) return read;
  context.addIssue('must be an object, the JSON of one in a string, or null');
  return z.NEVER;
});

/** Undefined if it is not JSON, or if parsing would lose data; neither is valid as attributes. */
function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const name = z.string('must be a string');

/** Systems with numeric user ids send numbers. */
const userId = z
  .union([z.string(), z.int()], 'must be the id of a user, a device or a tenant, as a string')
  .transform(String);

export const creation = z.object({
  userId,
  name,
  attributes: attributes.optional(),
  expiresAt: expiresAt.optional(),
});

/** Identifies a token: by its value, or by its number in the list of a user. */
const named = {
  token: z.string('must be a token').optional(),
  accessTokenId: z.int('must be a whole number').optional(),
};

export const reference = z.object(named);

export const change = z.object({
  ...named,
  name: name.optional(),
  expiresAt: expiresAt.optional(),
});

/** Parses the JSON body of a request; an empty body is an empty object. Throws `invalid_request` with all problems. */
export async function readBody<Schema extends z.ZodType>(
  ctx: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  const result = schema.safeParse(await readObject(ctx));
  if (result.success) return result.data;
  const details = result.error.issues.map(({ path, message }) => ({
    parameter: path.join('.'),
    message,
  }));
  throw new OAuthError(
    'invalid_request',
    details.map(({ parameter, message }) => `${parameter} ${message}`).join('; '),
    { details },
  );
}
