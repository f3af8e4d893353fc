/** What tokens that somebody made can be like, whoever made them. */
import { operatorClientId } from '../../../../config/clients.ts';
import { tokenLimits } from '../../../../config/tokens.ts';
import { OAuthError, parameterError } from '../../../oauth/errors.ts';
import { isOneLine } from '../../database/text-checks.ts';
import { displayName } from '../../names/display-names.ts';
import type { Resource } from '../../resources/resources.ts';
import { publicId } from '../value.ts';
import type { AuthorizationDetail, ShownToken, TokenActor } from './types.ts';

/**
 * Without the operator's key no caller could undo what was done to it, so it ends only by a request that
 * presents it. Throws `access_denied`.
 */
export function requireNotOperatorKey(
  actor: TokenActor,
  { id, clientId }: Pick<ShownToken, 'id' | 'clientId'>,
): void {
  const isOwn = actor.kind === 'operator' && actor.tokenId === publicId(id);
  if (clientId === operatorClientId && !isOwn)
    throw new OAuthError('access_denied', 'The operator’s key belongs to Writ itself.');
}

/** What a subject is, in a word of its own system. */
export const subjectType = /^[a-z][a-z0-9_-]{0,31}$/;

/** What a token is called; the one `before` may stay. Throws `invalid_request`. */
export const requireName = (text: string, before?: string | null): string =>
  displayName(text, { parameter: 'name', longest: tokenLimits.name, before });

/** RFC 3339 writes years with four digits. */
const endOfTime = Date.UTC(10_000);

/**
 * When a token ends; null, or absent: never. `maxTtl` in seconds, null where there is no limit. Throws
 * `invalid_request` for what is over already, or beyond the limit.
 */
export function requireExpiry(
  expiresAt: Date | null | undefined,
  maxTtl: number | null,
): Date | null {
  const end = expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (expiresAt && !(end > Date.now() && end < endOfTime))
    throw expiryError('is not a time that is yet to come.');
  if (maxTtl !== null && end > Date.now() + maxTtl * 1000)
    throw expiryError(`such a token lives ${daysOf(maxTtl)} at most; say when it is to end.`);
  return expiresAt ?? null;
}

const expiryError = (message: string) => parameterError('invalid_request', 'expires_at', message);

const day = 86_400;

const daysOf = (seconds: number): string =>
  seconds % day === 0 ? `${seconds / day} ${seconds === day ? 'day' : 'days'}` : `${seconds} s`;

/** The members of an element beside its type (RFC 9396 §2.2). */
const lists = ['actions', 'locations', 'datatypes', 'privileges'] as const;
const members: readonly string[] = ['type', 'identifier', ...lists];

const invalidDetails = (message: string) =>
  parameterError('invalid_authorization_details', 'authorization_details', message);

/**
 * The single things that a token is limited to, of those kinds that its resource has; undefined where
 * there are none. Throws `invalid_authorization_details` (RFC 9396 §5).
 */
export function requireDetails(
  resource: Resource,
  details: readonly AuthorizationDetail[] | undefined,
): readonly AuthorizationDetail[] | undefined {
  if (!details || details.length === 0) return undefined;
  if (details.length > tokenLimits.authorizationDetails)
    throw invalidDetails(`a token has ${tokenLimits.authorizationDetails} of them at most.`);
  for (const detail of details) requireDetail(resource, detail);
  if (Buffer.byteLength(JSON.stringify(details)) > tokenLimits.authorizationDetailsSize)
    throw invalidDetails(
      `are more than ${tokenLimits.authorizationDetailsSize} bytes of JSON together.`,
    );
  return details;
}

/** Whether the resource has what the details are about, as `requireDetails` says. */
export function hasDetails(resource: Resource, details: readonly AuthorizationDetail[]): boolean {
  try {
    requireDetails(resource, details);
    return true;
  } catch (error) {
    if (error instanceof OAuthError) return false;
    throw error;
  }
}

function requireDetail({ identifier, detailsTypes }: Resource, detail: AuthorizationDetail): void {
  const declared = detailsTypes.find(({ type }) => type === detail.type);
  if (!declared)
    throw invalidDetails(`${JSON.stringify(detail.type)} is no type that ${identifier} has.`);
  const unknown = Object.keys(detail).find((member) => !members.includes(member));
  if (unknown !== undefined)
    throw invalidDetails(`${JSON.stringify(unknown)} is no member of ${detail.type}.`);
  if (detail.identifier !== undefined && !isText(detail.identifier))
    throw invalidDetails(`the identifier of ${detail.type} is no text.`);
  for (const list of lists) {
    const texts: unknown = detail[list];
    if (texts !== undefined && !(Array.isArray(texts) && texts.every(isText)))
      throw invalidDetails(`${list} of ${detail.type} are no list of texts.`);
  }
  const action = detail.actions?.find((name) => !declared.actions.includes(name));
  // A type that lists no actions leaves them to its API.
  if (action !== undefined && declared.actions.length > 0)
    throw invalidDetails(`${JSON.stringify(action)} is no action of ${detail.type}.`);
  if (detail.locations?.some((location) => location !== identifier))
    throw invalidDetails(
      `the location of ${detail.type} is ${identifier}, which the token is for.`,
    );
}

const isText = (value: unknown): boolean => typeof value === 'string' && isOneLine(value);

/** What is left of a scope, in the order in which it was. Throws `access_denied` where something is added. */
export function requireFewer(scope: string[], before: string[]): string[] {
  const added = scope.filter((name) => !before.includes(name));
  if (added.length > 0)
    throw new OAuthError(
      'access_denied',
      `A token can lose scopes, and gains none: make a new one for ${added.join(' ')}.`,
      { parameter: 'scope' },
    );
  return before.filter((name) => scope.includes(name));
}
