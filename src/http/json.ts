import { hasDistinctNames } from '../oauth/distinct-names.ts';
import { OAuthError } from '../oauth/errors.ts';
import { isStorable } from './text.ts';

/**
 * Parses JSON without loss (RFC 8259, with the interoperability rules of RFC 7493). Throws `invalid_request` if the text
 * is not JSON, a number would change (§2.2), a string cannot be stored (§2.1), or an object repeats a name (§2.3):
 * parsers disagree on which of the two values counts.
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text, assertStorable);
  } catch (cause) {
    if (cause instanceof OAuthError) throw cause;
    throw new OAuthError('invalid_request', 'The body is not valid JSON.', { cause });
  }
  if (!hasDistinctNames(text))
    throw new OAuthError(
      'invalid_request',
      'An object in the JSON has the same name twice. Send each name only once.',
    );
  return value;
}

function assertStorable(name: string, value: unknown, context?: { source?: string }): unknown {
  if (!isStorable(name) || (typeof value === 'string' && !isStorable(value)))
    throw new OAuthError(
      'invalid_request',
      'The JSON contains a character that cannot be stored: NUL or an unpaired surrogate.',
    );
  if (typeof value === 'number' && !isExact(value, context?.source ?? ''))
    throw new OAuthError(
      'invalid_request',
      `The JSON contains a number that cannot be represented exactly${
        name
          ? `, in ${JSON.stringify(name)
              .slice(0, 60)
              .replaceAll(/[^ !#-[\]-~]/g, '')}`
          : ''
      }. Send it as a string.`,
    );
  return value;
}

/** Whether a number equals its source text. */
const isExact = (value: number, source: string): boolean =>
  Number.isFinite(value) && decimal(source) === decimal(String(value));

/** Normalizes a number: the result is equal for `1e2`, `100` and `100.0`. */
function decimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]\+?(-?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
