/** Schemas that several answers share. */
import * as z from 'zod';

/** A time in an answer: a Date here, RFC 3339 in JSON. */
export const time = z.date().meta({ override: { type: 'string', format: 'date-time' } });

export const count = z.number().int();

/** RFC 6749 §5.2, for every error of the API. */
export const error = z
  .object({
    error: z.string().meta({ description: 'What went wrong, for programs.' }),
    error_description: z.string().meta({ description: 'What to do next, for people.' }),
  })
  .meta({
    id: 'Error',
    description: 'The shape of every error (RFC 6749 §5.2).',
    examples: [{ error: 'not_found', error_description: 'There is no client backend.' }],
  });

/** A part of the path that names one thing. */
export const pathName = (description: string, example: string) =>
  z.string().meta({ description, example });
