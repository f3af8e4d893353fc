/** Validation of `authorization_details` (RFC 9396), which limit a token to single objects of a resource. */
import { tokenLimits } from '../../../config/tokens.ts';
import type { DetailsType } from '../../../db/schema.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { isOneLine } from '../database/text-checks.ts';
import type { AuthorizationDetail } from '../tokens/named/types.ts';

/** Checks a detail beyond what its declared type says, for resources with rules of their own (see dialects). */
export type SuitsResource = (resource: string, detail: AuthorizationDetail) => boolean;

/** The part of a resource that validation needs. */
interface DetailDeclarations {
  identifier: string;
  detailsTypes: readonly DetailsType[];
}

/** The common data fields that are arrays of strings (RFC 9396 §2.2). */
export const detailLists = ['actions', 'locations', 'datatypes', 'privileges'] as const;
const members: readonly string[] = ['type', 'identifier', ...detailLists];

const invalidDetails = (message: string) =>
  parameterError('invalid_authorization_details', 'authorization_details', message);

/** The rules for details; `suits` adds those of single resources. */
export function createDetailRules(suits: SuitsResource = () => true) {
  /**
   * Returns the details if they are valid at the resource, and undefined if there are none. Throws
   * `invalid_authorization_details` (RFC 9396 §5) otherwise.
   */
  function requireDetails(
    resource: DetailDeclarations,
    details: readonly AuthorizationDetail[] | undefined,
  ): readonly AuthorizationDetail[] | undefined {
    if (!details || details.length === 0) return undefined;
    if (details.length > tokenLimits.authorizationDetails)
      throw invalidDetails(`has more than ${tokenLimits.authorizationDetails} elements.`);
    for (const detail of details) {
      requireDeclared(resource, detail);
      if (!suits(resource.identifier, detail))
        throw invalidDetails(
          `an element of the type ${detail.type} does not have the form that ${resource.identifier} requires.`,
        );
    }
    if (Buffer.byteLength(JSON.stringify(details)) > tokenLimits.authorizationDetailsSize)
      throw invalidDetails(`is longer than ${tokenLimits.authorizationDetailsSize} bytes of JSON.`);
    return details;
  }

  /** Whether `requireDetails` accepts the details at the resource. */
  function hasDetails(
    resource: DetailDeclarations,
    details: readonly AuthorizationDetail[],
  ): boolean {
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

/**
 * Whether details ask for no more than those that were granted: each is of the type of a granted one, for an object and
 * with lists that it has as well. A member that a granted detail does not have is no limit.
 */
export const areWithin = (
  details: readonly AuthorizationDetail[],
  granted: readonly AuthorizationDetail[],
): boolean => details.every((detail) => granted.some((whole) => isPartOf(detail, whole)));

const isPartOf = (detail: AuthorizationDetail, whole: AuthorizationDetail): boolean =>
  detail.type === whole.type &&
  (whole.identifier === undefined || detail.identifier === whole.identifier) &&
  detailLists.every((list) => {
    const all = whole[list];
    return all === undefined || (detail[list]?.every((item) => all.includes(item)) ?? false);
  });

function requireDeclared(
  { identifier, detailsTypes }: DetailDeclarations,
  detail: AuthorizationDetail,
): void {
  const declared = detailsTypes.find(({ type }) => type === detail.type);
  if (!declared)
    throw invalidDetails(`the resource ${identifier} has no type ${JSON.stringify(detail.type)}.`);
  const unknown = Object.keys(detail).find((member) => !members.includes(member));
  if (unknown !== undefined)
    throw invalidDetails(`the type ${detail.type} has no member ${JSON.stringify(unknown)}.`);
  if (detail.identifier !== undefined && !isText(detail.identifier))
    throw invalidDetails(
      `the identifier of ${detail.type} must be a non-empty string on one line.`,
    );
  for (const list of detailLists) {
    const texts: unknown = detail[list];
    // A missing list means "no limit". An empty one could mean that or "nothing", so it is rejected.
    if (texts !== undefined && !(Array.isArray(texts) && texts.length > 0 && texts.every(isText)))
      throw invalidDetails(
        `the ${list} of ${detail.type} must be a non-empty array of strings; leave the member out for no limit.`,
      );
  }
  const action = detail.actions?.find((name) => !declared.actions.includes(name));
  // A type that declares no actions leaves them to its API.
  if (action !== undefined && declared.actions.length > 0)
    throw invalidDetails(`the type ${detail.type} has no action ${JSON.stringify(action)}.`);
  if (detail.locations?.some((location) => location !== identifier))
    throw invalidDetails(
      `the locations of ${detail.type} can only contain ${identifier}, the resource of the token.`,
    );
}

const isText = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && isOneLine(value);
