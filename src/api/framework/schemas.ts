/** Schemas that several answers share. */
import * as z from 'zod';

/** A time in an answer: a Date here, RFC 3339 in JSON. */
export const time = z.date().meta({ override: { type: 'string', format: 'date-time' } });

/** Who created a credential: a name, never an address. */
export const creator = z
  .object({
    id: z.string().meta({ description: 'The `id` of the account, also once it is deleted.' }),
    name: z.string().meta({ description: 'Empty where it has none, or is deleted.' }),
  })
  .nullable()
  .meta({
    description:
      'The person who created it; null where a client of the API or the server did, and where it is older than this field.',
  });

export const count = z.number().int();

/** One thing that is wrong with a request: `ErrorDetail` of `src/oauth/errors.ts`. */
const errorDetail = z
  .object({
    parameter: z.string().optional().meta({
      description:
        'The parameter or field, such as `subject.type` or `redirect_uris[0]`. Absent where the body is wrong as a whole.',
    }),
    message: z.string().meta({ description: 'What is wrong with it, for people.' }),
  })
  .meta({ id: 'ErrorDetail', description: 'One thing that is wrong with a request.' });

/** What may be a mistake in what was sent, though it was done: `ErrorDetail` of `src/oauth/errors.ts`. */
export const warnings = z
  .array(
    z
      .object({
        parameter: z
          .string()
          .optional()
          .meta({ description: 'The field, such as `scope`. Absent where it is about the whole.' }),
        message: z.string().meta({ description: 'What may be wrong with it, for people.' }),
      })
      .meta({ id: 'Warning', description: 'What may be a mistake, though it was done.' }),
  )
  .optional()
  .meta({
    description:
      'What may be a mistake in what was sent, though it was done. Absent where there is nothing, and in what is only read.',
  });

/** A member with the warnings; without any there is no member. */
export const withWarnings = (
  found: z.output<typeof warnings>,
): { warnings?: z.output<typeof warnings> } => (found?.length ? { warnings: found } : {});

/** RFC 6749 §5.2, for every error of the API. */
export const error = z
  .object({
    error: z.string().meta({ description: 'What went wrong, for programs.' }),
    error_description: z.string().meta({ description: 'What to do next, for people.' }),
    details: z.array(errorDetail).optional().meta({
      description:
        'Everything that is wrong, each with its place. Absent where the error is about no parameter.',
    }),
  })
  .meta({
    id: 'Error',
    description: 'The shape of every error (RFC 6749 §5.2), with the place of each problem.',
    examples: [
      { error: 'not_found', error_description: 'There is no client backend.' },
      {
        error: 'invalid_request',
        error_description: 'expires_at: must be a time in the future.',
        details: [{ parameter: 'expires_at', message: 'must be a time in the future.' }],
      },
    ],
  });

/** A part of the path that names one thing. */
export const pathName = (description: string, example: string) =>
  z.string().meta({ description, example });
