/** THE SINGLE THINGS of a resource that a token is limited to (RFC 9396 §2): which of them it has. */
import { tokenLimits } from '../../../config/tokens.ts';
import type { DetailsType } from '../../../db/schema.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { isOneLine } from '../database/text-checks.ts';
import type { AuthorizationDetail } from '../tokens/named/types.ts';

/**
 * Whether a detail has one meaning at the resource of this identifier, for resources whose rules say more than their
 * declared kinds do.
 */
export type SuitsResource = (resource: string, detail: AuthorizationDetail) => boolean;

/** What of a resource decides. */
interface Declared {
  identifier: string;
  detailsTypes: readonly DetailsType[];
}

/** The members of an element, without its type (RFC 9396 §2.2). */
const lists = ['actions', 'locations', 'datatypes', 'privileges'] as const;
const members: readonly string[] = ['type', 'identifier', ...lists];

const invalidDetails = (message: string) =>
  parameterError('invalid_authorization_details', 'authorization_details', message);

/** The rules of details; `suits` adds those of single resources. */
export function createDetailRules(suits: SuitsResource = () => true) {
  /**
   * The single things that a token is limited to, of those kinds that its resource has; undefined where
   * there are none. Throws `invalid_authorization_details` (RFC 9396 §5).
   */
  function requireDetails(
    resource: Declared,
    details: readonly AuthorizationDetail[] | undefined,
  ): readonly AuthorizationDetail[] | undefined {
    if (!details || details.length === 0) return undefined;
    if (details.length > tokenLimits.authorizationDetails)
      throw invalidDetails(`a token has ${tokenLimits.authorizationDetails} of them at most.`);
    for (const detail of details) {
      requireDeclared(resource, detail);
      if (!suits(resource.identifier, detail))
        throw invalidDetails(`${detail.type} is not as ${resource.identifier} writes it.`);
    }
    if (Buffer.byteLength(JSON.stringify(details)) > tokenLimits.authorizationDetailsSize)
      throw invalidDetails(
        `are more than ${tokenLimits.authorizationDetailsSize} bytes of JSON together.`,
      );
    return details;
  }

  /** Whether the resource has what the details are about, as `requireDetails` says. */
  function hasDetails(resource: Declared, details: readonly AuthorizationDetail[]): boolean {
    try {
      requireDetails(resource, details);
      return true;
    } catch (error) {
      if (error instanceof OAuthError) return false;
      throw error;
    }
  }

  return { requireDetails, hasDetails };
}

function requireDeclared(
  { identifier, detailsTypes }: Declared,
  detail: AuthorizationDetail,
): void {
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
    // What is left out has no limit; an empty list could mean that as well, or nothing at all.
    if (texts !== undefined && !(Array.isArray(texts) && texts.length > 0 && texts.every(isText)))
      throw invalidDetails(
        `${list} of ${detail.type} are no list of texts; leave out what is empty.`,
      );
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

const isText = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && isOneLine(value);
