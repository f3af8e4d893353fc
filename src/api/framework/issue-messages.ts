/** The messages for what a schema refuses, each to follow the name of the parameter: "limit: must be …". */
import type * as z from 'zod';

type Issue = z.core.$ZodRawIssue;

const types: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'a JSON object',
  record: 'a JSON object',
  date: 'a time',
  null: 'null',
};

const formats: Record<string, string> = {
  email: 'an email address',
  url: 'an absolute URL',
  uuid: 'a UUID',
  datetime: 'a time with an offset, such as 2030-01-01T00:00:00Z (RFC 3339)',
};

/** The unit of a length: characters of strings, items of arrays. */
const unitOf = (origin: string, count: number | bigint): string => {
  const unit = origin === 'string' ? 'character' : origin === 'array' ? 'item' : undefined;
  return unit ? ` ${unit}${Number(count) === 1 ? '' : 's'}` : '';
};

/** Undefined for issues that have a message of their own. */
export function messageOf(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is required';
      return `must be ${types[issue.expected] ?? issue.expected}`;
    case 'too_small': {
      const unit = unitOf(issue.origin, issue.minimum);
      return `must ${unit ? 'have' : 'be'} at least ${issue.minimum}${unit}`;
    }
    case 'too_big': {
      const unit = unitOf(issue.origin, issue.maximum);
      return `must ${unit ? 'have' : 'be'} at most ${issue.maximum}${unit}`;
    }
    case 'invalid_format': {
      const format = formats[issue.format];
      return format && `must be ${format}`;
    }
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${JSON.stringify(issue.values[0])}`
        : `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    default:
      return undefined;
  }
}
