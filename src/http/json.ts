import { OAuthError } from '../oauth/errors.ts';
import { isStorable } from './text.ts';

/**
 * Reads JSON of which nothing gets lost (RFC 8259, and the rules of RFC 7493 for JSON that has to mean the same
 * everywhere). Throws `invalid_request` where the text is not JSON, where a number would come back as another one
 * (§2.2), where a text cannot be stored (§2.1), or where an object has a name twice (§2.3): readers disagree on
 * which of the two counts.
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text, requireKeepable);
  } catch (cause) {
    if (cause instanceof OAuthError) throw cause;
    throw new OAuthError('invalid_request', 'The body is not JSON.', { cause });
  }
  requireDistinctNames(text);
  return value;
}

function requireKeepable(name: string, value: unknown, context?: { source?: string }): unknown {
  if (!isStorable(name) || (typeof value === 'string' && !isStorable(value)))
    throw new OAuthError('invalid_request', 'The JSON holds a character that cannot be stored.');
  if (typeof value === 'number' && !isKept(value, context?.source ?? ''))
    throw new OAuthError(
      'invalid_request',
      `The JSON holds a number that cannot be kept as it is${
        name
          ? `, in ${JSON.stringify(name)
              .slice(0, 60)
              .replaceAll(/[^ !#-[\]-~]/g, '')}`
          : ''
      }: send it as a string.`,
    );
  return value;
}

/** Whether a number, written again, is the number that was sent. */
const isKept = (value: number, source: string): boolean =>
  Number.isFinite(value) && decimal(source) === decimal(String(value));

/** A number as its digits and its exponent: equal for `1e2`, `100` and `100.0`. */
function decimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]\+?(-?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

const token = /"(?:[^"\\]+|\\.)*"|[{}[\],]/gs;

/** Of text that is JSON. `JSON.parse` takes the last of two members without a word. */
function requireDistinctNames(text: string): void {
  /** The names so far of each object that is open, undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (const [found] of text.matchAll(token)) {
    const names = open.at(-1);
    if (found === '{' || found === '[') open.push(found === '{' ? new Set() : undefined);
    else if (found === '}' || found === ']') open.pop();
    else if (found !== ',' && isName && names) {
      const name: string = JSON.parse(found);
      if (names.has(name))
        throw new OAuthError('invalid_request', 'The JSON has an object with a name twice.');
      names.add(name);
    }
    isName = found === '{' || (found === ',' && open.at(-1) !== undefined);
  }
}
