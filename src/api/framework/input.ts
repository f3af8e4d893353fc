/** What callers send, parsed once: schemas of what recurs, and reading bodies, queries and paths. */
import type { Context } from 'koa';
import * as z from 'zod';
import { bytesPerCharacter } from '../../domain/names/display-names.ts';
import { parsePairs, readText } from '../../http/form.ts';
import { parseJson } from '../../http/json.ts';
import { isStorable } from '../../http/text.ts';
import { type ErrorDetail, OAuthError } from '../../oauth/errors.ts';
import { isScope } from '../../oauth/scope.ts';

/** A text that can be stored, of a length that pages can show. */
export const text = (longest: number) =>
  z.string().min(1).max(longest).refine(isStorable, 'holds a character that cannot be stored');

/**
 * A name or a sentence for people. Its domain counts what people see, up to `longest`, and says what is wrong with
 * it (`domain/names/display-names.ts`); here only its size is bounded.
 */
export const shownText = (longest: number) => text(longest * bytesPerCharacter);

/** RFC 6749 §3.3: scope-tokens with spaces between them. */
export const scope = z
  .string()
  .max(4_000)
  .refine(isScope, 'is not a scope: names with one space between each two (RFC 6749 §3.3)');

/** RFC 8707 §2: an absolute URI without fragment. Audiences are kept apart by spaces, so it has none. */
export const resourceIdentifier = text(500).refine(
  (value) => URL.canParse(value) && !/[#\s]/.test(value),
  'is not an absolute URI without fragment (RFC 8707 §2)',
);

/** A moment in RFC 3339, of those that Postgres can hold. */
export const moment = z.iso
  .datetime({ offset: true })
  .transform((value) => new Date(value))
  .refine(
    (date) => date.getTime() > 0 && date.getUTCFullYear() < 10_000,
    'is not a time that can be stored',
  );

/** A list that is a set: what is said twice is kept once. */
export const distinct = <Item extends z.ZodType<string>>(item: Item, most: number) =>
  z
    .array(item)
    .max(most)
    .overwrite((list) => [...new Set(list)]);

/** A number in a query: plain decimal digits, and nothing else that JavaScript takes for a number. */
export const digits = ({ min, max, standard }: { min: number; max?: number; standard: number }) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value),
      z
        .number('is not a number of plain decimal digits')
        .int()
        .min(min)
        .max(max ?? Number.MAX_SAFE_INTEGER),
    )
    .default(standard)
    .meta({ override: { default: standard } }); // which is not shown of what is preprocessed

/** The place of a value as callers write it in JavaScript: `subject.type`, `redirect_uris[0]`, `claims["a b"]`. */
export const placeOf = (path: readonly PropertyKey[]): string =>
  path.map(stepOf).join('').replace(/^\./, '');

const stepOf = (step: PropertyKey): string => {
  if (typeof step === 'number') return `[${step}]`;
  const name = String(step);
  return /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
};

/** A member that is not known is a problem of its own, at its own place. */
const detailsOf = (issue: z.core.$ZodIssue): ErrorDetail[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({
        parameter: placeOf([...issue.path, key]),
        message: 'is not known here',
      }))
    : [
        {
          ...(issue.path.length > 0 && { parameter: placeOf(issue.path) }),
          message: issue.message,
        },
      ];

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues.flatMap(detailsOf);
  const sentence = details
    .map(({ parameter = 'The body', message }) => `${parameter}: ${message}`)
    .join('; ');
  throw new OAuthError('invalid_request', sentence, { details });
}

/** The JSON body of a request as the schema describes it; `invalid_request` tells everything that is wrong. */
export async function readBody<Schema extends z.ZodType>(
  ctx: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  // Null where there is no body, whose type then means nothing.
  if (ctx.get('content-type') && ctx.is('application/json', 'application/*+json') === false)
    throw new OAuthError('unsupported_media_type', 'Send the body as application/json.');
  const body = await readText(ctx);
  return parse(schema, body === '' ? {} : parseJson(body));
}

/** The query of a request as the schema describes it. */
export const readQuery = <Schema extends z.ZodType>(
  ctx: Context,
  schema: Schema,
): z.output<Schema> => parse(schema, Object.fromEntries(parsePairs(ctx.querystring)));

/** The parts of the path as the schema describes them. What cannot be stored cannot be found. */
export function readPath<Schema extends z.ZodType>(
  parameters: Record<string, string>,
  schema: Schema,
): z.output<Schema> {
  if (!Object.values(parameters).every(isStorable)) throw nothingHere();
  return parse(schema, { ...parameters });
}

export const nothingHere = (): OAuthError =>
  new OAuthError('not_found', 'There is nothing at this path.');
