/** Schemas that several operations share. */
import * as z from 'zod';

/** A time in a response: a Date here, RFC 3339 in JSON. */
export const time = z.date().meta({ override: { type: 'string', format: 'date-time' } });

/** Who created a credential, without an email address. */
export const creator = z
  .object({
    id: z.string().meta({ description: 'The `id` of the account, also after it is deleted.' }),
    name: z
      .string()
      .meta({ description: 'The name of the account; empty if it has none or is deleted.' }),
  })
  .nullable()
  .meta({
    description:
      'The person who created it; null if a client or the server did, or if it was created before this field existed.',
  });

export const count = z.number().int();

/** One problem of a request: `ErrorDetail` of `src/oauth/errors.ts`. */
const errorDetail = z
  .object({
    parameter: z.string().optional().meta({
      description:
        'The parameter or field, such as `subject.type` or `redirect_uris[0]`. Absent if the problem is about the body as a whole.',
    }),
    message: z.string().meta({ description: 'The problem, for people.' }),
  })
  .meta({ id: 'ErrorDetail', description: 'One problem of a request.' });

/** Possible mistakes in a request that succeeded: `ErrorDetail` of `src/oauth/errors.ts`. */
export const warnings = z
  .array(
    z
      .object({
        parameter: z.string().optional().meta({
          description:
            'The field, such as `scope`. Absent if the warning is about the request as a whole.',
        }),
        message: z.string().meta({ description: 'The possible mistake, for people.' }),
      })
      .meta({ id: 'Warning', description: 'A possible mistake in a request that succeeded.' }),
  )
  .optional()
  .meta({
    description:
      'Possible mistakes in the request, which succeeded nevertheless. Absent if there are none, and in responses to GET.',
  });

/** The member `warnings`, or nothing if there are none. */
export const withWarnings = (
  found: z.output<typeof warnings>,
): { warnings?: z.output<typeof warnings> } => (found?.length ? { warnings: found } : {});

/** The body of every error of the API (RFC 6749 §5.2). */
export const error = z
  .object({
    error: z.string().meta({ description: 'The error code, for programs.' }),
    error_description: z
      .string()
      .meta({ description: 'What is wrong and what to do, for people.' }),
    details: z.array(errorDetail).optional().meta({
      description:
        'All problems, each with its parameter. Absent if the error is not about a parameter.',
    }),
  })
  .meta({
    id: 'Error',
    description: 'The body of every error (RFC 6749 §5.2), with the parameter of each problem.',
    examples: [
      { error: 'not_found', error_description: 'There is no client backend.' },
      {
        error: 'invalid_request',
        error_description: 'expires_at: must be a time in the future.',
        details: [{ parameter: 'expires_at', message: 'must be a time in the future.' }],
      },
    ],
  });

/** A path parameter that names one thing. */
export const pathName = (description: string, example: string) =>
  z.string().meta({ description, example });

type Shape = Record<string, z.ZodType>;
type Mapped<Fields extends Shape, Kind extends 'optional' | 'nullish'> = {
  [Name in keyof Fields]: Kind extends 'optional'
    ? z.ZodOptional<Fields[Name]>
    : z.ZodOptional<z.ZodNullable<Fields[Name]>>;
};

/** The fields, each of which can be absent, or also null. */
export const each = <Fields extends Shape, Kind extends 'optional' | 'nullish'>(
  fields: Fields,
  kind: Kind,
) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field[kind]()]),
  ) as unknown as Mapped<Fields, Kind>;
/** In the body of an operation that creates a link for a person. */
export const sendEmail = z.boolean().optional().meta({
  description:
    'Whether the person gets the link by email. Default: yes if the installation has a mail server (`SMTP_URL`). false: only this response contains it, and you pass it on. true without a mail server is a `conflict`.',
});

/** In its response. */
export const sentTo = z.string().nullable().meta({
  description: 'The address that gets the link by email; null if none is sent.',
});
