/** The input of callers, parsed once: schemas of recurring values, and the reading of bodies, queries and paths. */
import type { Context } from 'koa';
import * as z from 'zod';
import { bytesPerCharacter } from '../../domain/names/display-names.ts';
import { parsePairs, readText } from '../../http/form.ts';
import { parseJson } from '../../http/json.ts';
import { isStorable } from '../../http/text.ts';
import { type ErrorDetail, OAuthError } from '../../oauth/errors.ts';
import { isScope } from '../../oauth/scope.ts';
import { messageOf } from './issue-messages.ts';

/** A non-empty string that can be stored. */
export const text = (maxLength: number) =>
  z.string().min(1).max(maxLength).refine(isStorable, 'contains a character that cannot be stored');

/**
 * A name or a sentence for people. The domain checks it and counts its visible characters, at most `maxCharacters`
 * (`domain/names/display-names.ts`); here only its size is limited.
 */
export const shownText = (maxCharacters: number) => text(maxCharacters * bytesPerCharacter);

/** RFC 6749 §3.3: scope tokens separated by single spaces. */
export const scope = z
  .string()
  .max(4_000)
  .refine(isScope, 'must be scopes separated by single spaces (RFC 6749 §3.3)');

/** RFC 8707 §2: an absolute URI without a fragment. Audiences are stored separated by spaces, so it contains no space. */
export const resourceIdentifier = text(500).refine(
  (value) => URL.canParse(value) && !/[#\s]/.test(value),
  'must be a URI with a scheme and without a fragment, such as https://api.acme.com (RFC 8707 §2)',
);

/** A time (RFC 3339) that Postgres can store. */
export const moment = z.iso
  .datetime({ offset: true })
  .transform((value) => new Date(value))
  .refine(
    (date) => date.getTime() > 0 && date.getUTCFullYear() < 10_000,
    'must be a time between the years 1970 and 9999',
  );

/** A list without duplicates: they are removed. */
export const distinct = <Item extends z.ZodType<string>>(item: Item, maxItems: number) =>
  z
    .array(item)
    .max(maxItems)
    .overwrite((list) => [...new Set(list)]);

/** A number in a query: decimal digits only, not everything that JavaScript parses as a number. */
export const digits = ({
  defaultValue,
  ...bounds
}: {
  min: number;
  max?: number;
  defaultValue: number;
}) =>
  anyDigits(bounds)
    .default(defaultValue)
    .meta({ override: { default: defaultValue } });

/** The same without a default. */
export const optionalDigits = (bounds: { min: number; max?: number }) =>
  anyDigits(bounds).optional();

const anyDigits = ({ min, max }: { min: number; max?: number }) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value),
    z
      .number(
        max === undefined
          ? `must be a whole number, at least ${min}`
          : `must be a whole number from ${min} to ${max}`,
      )
      .int()
      .min(min)
      .max(max ?? Number.MAX_SAFE_INTEGER),
  );

/** The path of a value in JavaScript notation: `subject.type`, `redirect_uris[0]`, `claims["a b"]`. */
export const placeOf = (path: readonly PropertyKey[]): string =>
  path.map(stepOf).join('').replace(/^\./, '');

const stepOf = (step: PropertyKey): string => {
  if (typeof step === 'number') return `[${step}]`;
  const name = String(step);
  return /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
};

type Part = 'body' | 'query' | 'path';

/** Each unknown member is a problem of its own, with its own place. */
const detailsOf = (issue: z.core.$ZodIssue, part: Part): ErrorDetail[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({
        parameter: placeOf([...issue.path, key]),
        message: part === 'query' ? 'is not a parameter of this operation' : 'is not a known field',
      }))
    : [
        {
          ...(issue.path.length > 0 && { parameter: placeOf(issue.path) }),
          message: issue.message,
        },
      ];

function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  part: Part,
): z.output<Schema> {
  const result = schema.safeParse(value, { error: messageOf });
  if (result.success) return result.data;
  const details = result.error.issues.flatMap((issue) => detailsOf(issue, part));
  const sentence = details
    .map(({ parameter, message }) =>
      parameter === undefined
        ? `The ${part} ${message}`
        : `${prefixes[part]}${parameter}: ${message}`,
    )
    .join('; ');
  throw new OAuthError('invalid_request', sentence, { details });
}

const prefixes: Record<Part, string> = {
  body: '',
  query: 'query parameter ',
  path: 'path parameter ',
};

/** Parses the JSON body of a request. Throws `invalid_request` with all problems. */
export async function readBody<Schema extends z.ZodType>(
  ctx: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  // `is` returns null without a body; the content type is irrelevant then.
  if (ctx.get('content-type') && ctx.is('application/json', 'application/*+json') === false)
    throw new OAuthError('unsupported_media_type', 'Send the body as application/json.');
  const body = await readText(ctx);
  return parse(schema, body === '' ? {} : parseJson(body), 'body');
}

/** Parses the query of a request. Throws `invalid_request` with all problems. */
export const readQuery = <Schema extends z.ZodType>(
  ctx: Context,
  schema: Schema,
): z.output<Schema> => parse(schema, Object.fromEntries(parsePairs(ctx.querystring)), 'query');

/** Parses the parameters of the path. A name that cannot be stored cannot exist, so it gets 404. */
export function readPath<Schema extends z.ZodType>(
  parameters: Record<string, string>,
  schema: Schema,
): z.output<Schema> {
  if (!Object.values(parameters).every(isStorable)) throw pathNotFound();
  return parse(schema, { ...parameters }, 'path');
}

export const pathNotFound = (): OAuthError =>
  new OAuthError('not_found', 'There is nothing at this path.');
