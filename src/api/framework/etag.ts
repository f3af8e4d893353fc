/** Entity tags (RFC 9110 §8.8.3), and the conditions that use them (§13.1). */
import { sha256 } from '../../crypto/digest.ts';
import type { Precondition } from '../../domain/database/precondition.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';

/** The JSON representation of a thing. */
export type Represent<Thing> = (thing: Thing) => unknown;

/** The strong entity tag of a representation: a digest of its JSON. */
export const etagOf = (representation: unknown): string =>
  `"${sha256(JSON.stringify(representation)).subarray(0, 16).toString('base64url')}"`;

type Condition = '*' | string[];

const entityTag = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"';
const list = new RegExp(`^[ \\t,]*${entityTag}(?:[ \\t]*,(?:[ \\t]*${entityTag})?)*[ \\t]*$`);

/** Parses a list of entity tags, which can contain commas. Undefined if it is malformed. */
export function parseCondition(header: string): Condition | undefined {
  if (header.trim() === '*') return '*';
  return list.test(header) ? (header.match(new RegExp(entityTag, 'g')) ?? []) : undefined;
}

/** The strong comparison (RFC 9110 §8.8.3.2): a weak tag (`W/`) never matches. */
const matchesStrongly = (condition: Condition, tag: string | undefined): boolean =>
  tag !== undefined && (condition === '*' || condition.includes(tag));

const matchesWeakly = (condition: Condition, tag: string | undefined): boolean =>
  tag !== undefined &&
  (condition === '*' || condition.some((other) => other.replace(/^W\//, '') === tag));

/** Whether the caller already has this representation, so that 304 is the response (RFC 9110 §13.1.2). */
export const isKnown = (ifNoneMatch: string, tag: string): boolean =>
  matchesWeakly(parseCondition(ifNoneMatch) ?? [], tag);

/**
 * The conditions of a request that changes something. Throws `invalid_request` if a header is malformed. A request
 * that cannot create a missing thing gets 404, whatever its conditions (RFC 9110 §13.2.1).
 */
export function readPrecondition(headers: {
  ifMatch: string;
  ifNoneMatch: string;
  creates: boolean;
}) {
  const ifMatch = readCondition('If-Match', headers.ifMatch);
  const ifNoneMatch = readCondition('If-None-Match', headers.ifNoneMatch);
  return <Thing>(represent: Represent<Thing>): Precondition<Thing> =>
    (current) => {
      if (!ifMatch && !ifNoneMatch) return;
      if (current === undefined && !headers.creates) return;
      const tag = current === undefined ? undefined : etagOf(represent(current));
      if (ifMatch && !matchesStrongly(ifMatch, tag))
        throw new OAuthError(
          'precondition_failed',
          tag === undefined
            ? 'If-Match cannot match: the thing does not exist.'
            : 'It has changed since you read it. Read it again and send the new ETag in If-Match.',
        );
      if (ifNoneMatch && matchesWeakly(ifNoneMatch, tag))
        throw new OAuthError(
          'precondition_failed',
          'It already exists, which If-None-Match excludes.',
        );
    };
}

function readCondition(name: string, header: string): Condition | undefined {
  if (!header) return undefined;
  const condition = parseCondition(header);
  if (!condition)
    throw parameterError(
      'invalid_request',
      name,
      `must be an ETag as you received it, with its quotes, or an asterisk (RFC 9110 section 13.1).`,
    );
  return condition;
}
