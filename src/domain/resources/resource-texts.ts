import type { DetailsType, ScopeDescription } from '../../../db/schema.ts';
import { displayName } from '../names/display-names.ts';

interface Texts {
  name?: string;
  scopes?: ScopeDescription[];
  detailsTypes?: DetailsType[];
}

/** Maximum lengths in characters (grapheme clusters). */
export const resourceTextLength = { name: 200, scope: 500, detailsType: 200 } as const;

/**
 * Validates and normalizes the texts that people read: the name of a resource and the descriptions of its scopes and
 * detail types. A text that equals the one `before` is not validated again. Throws `invalid_request`.
 */
export function resourceTexts({ name, scopes, detailsTypes }: Texts, before: Texts = {}): Texts {
  return {
    ...(name !== undefined && {
      name: displayName(name, {
        parameter: 'name',
        maxLength: resourceTextLength.name,
        before: before.name,
        mayBeEmpty: true,
      }),
    }),
    ...(scopes && {
      scopes: scopes.map((scope, index) => ({
        ...scope,
        description: displayName(scope.description, {
          parameter: `scopes[${index}].description`,
          maxLength: resourceTextLength.scope,
          before: before.scopes?.find((known) => known.name === scope.name)?.description,
          mayBeEmpty: true,
        }),
      })),
    }),
    ...(detailsTypes && {
      detailsTypes: detailsTypes.map((type, index) => ({
        ...type,
        description: displayName(type.description, {
          parameter: `authorization_details_types[${index}].description`,
          maxLength: resourceTextLength.detailsType,
          before: before.detailsTypes?.find((known) => known.type === type.type)?.description,
        }),
      })),
    }),
  };
}
