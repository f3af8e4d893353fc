import type { DetailsType, ScopeDescription } from '../../../db/schema.ts';
import { displayName } from '../names/display-names.ts';

interface Texts {
  name?: string;
  scopes?: ScopeDescription[];
  detailsTypes?: DetailsType[];
}

/** Characters, as people count them, that the texts of a resource have at most. */
export const resourceTextLength = { name: 200, scope: 500, detailsType: 200 } as const;

/**
 * What people read of a resource, in the form that is stored: its name, the sentences of its scopes, and what its
 * single things are. What it had `before` it may keep. Throws `invalid_request`.
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
