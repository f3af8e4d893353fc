/** Entity-tags (RFC 9110 §8.8.3), and the conditions that are made of them (§13.1). */
import { sha256 } from '../../crypto/digest.ts';
import type { Precondition } from '../../domain/database/precondition.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';

/** The JSON that a thing is shown as. */
export type Represent<Thing> = (thing: Thing) => unknown;

/** The strong tag of a representation: it changes with every byte of its JSON. */
export const etagOf = (representation: unknown): string =>
  `"${sha256(JSON.stringify(representation)).subarray(0, 16).toString('base64url')}"`;

type Condition = '*' | string[];

const entityTag = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"';
const list = new RegExp(`^[ \\t,]*${entityTag}(?:[ \\t]*,(?:[ \\t]*${entityTag})?)*[ \\t]*$`);

/** Reads a list of entity-tags; a tag may hold commas. Undefined where it is none. */
export function parseCondition(header: string): Condition | undefined {
  if (header.trim() === '*') return '*';
  return list.test(header) ? (header.match(new RegExp(entityTag, 'g')) ?? []) : undefined;
}

/** The strong comparison (RFC 9110 §8.8.3.2): a weak tag, which holds `W/`, equals none. */
const matchesStrongly = (condition: Condition, tag: string | undefined): boolean =>
  tag !== undefined && (condition === '*' || condition.includes(tag));

const matchesWeakly = (condition: Condition, tag: string | undefined): boolean =>
  tag !== undefined &&
  (condition === '*' || condition.some((other) => other.replace(/^W\//, '') === tag));

/** Whether the caller has this representation already, and 304 tells it so (RFC 9110 §13.1.2). */
export const isKnown = (ifNoneMatch: string, tag: string): boolean =>
  matchesWeakly(parseCondition(ifNoneMatch) ?? [], tag);

/**
 * The conditions of a request that changes something. Throws `invalid_request` where a header holds no
 * tags. Where the request could not make what is absent, its answer is 404 whatever the conditions are
 * (RFC 9110 §13.2.1).
 */
export function readPrecondition(headers: {
  ifMatch: string;
  ifNoneMatch: string;
  makes: boolean;
}) {
  const ifMatch = readCondition('If-Match', headers.ifMatch);
  const ifNoneMatch = readCondition('If-None-Match', headers.ifNoneMatch);
  return <Thing>(represent: Represent<Thing>): Precondition<Thing> =>
    (current) => {
      if (!ifMatch && !ifNoneMatch) return;
      if (current === undefined && !headers.makes) return;
      const tag = current === undefined ? undefined : etagOf(represent(current));
      if (ifMatch && !matchesStrongly(ifMatch, tag))
        throw new OAuthError(
          'precondition_failed',
          tag === undefined
            ? 'There is nothing here that If-Match could match.'
            : 'It has changed since you read it: read it again, and send its new ETag in If-Match.',
        );
      if (ifNoneMatch && matchesWeakly(ifNoneMatch, tag))
        throw new OAuthError(
          'precondition_failed',
          'It is there already, and If-None-Match asks that it is not.',
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
      `send the ETag as you got it, with its quotes, or an asterisk (RFC 9110 section 13.1).`,
    );
  return condition;
}
