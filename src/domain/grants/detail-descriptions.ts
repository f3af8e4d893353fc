import type { Resource } from '../resources/resources.ts';
import type { AuthorizationDetail } from '../tokens/named/types.ts';
import type { DescribedDetail } from './types.ts';

/**
 * A better sentence for one action on a single thing than its declared kind gives; undefined where the resource, by its
 * identifier, has none.
 */
export type DescribeDetail = (resource: string, detail: AuthorizationDetail) => string | undefined;

/** Details with one action each, in their order: what a person can allow or leave out. */
export const singleActions = (details: readonly AuthorizationDetail[]): AuthorizationDetail[] =>
  details.flatMap((detail) =>
    detail.actions ? detail.actions.map((action) => ({ ...detail, actions: [action] })) : [detail],
  );

/** Those of the single actions whose places, from 0, are chosen; those of one detail stay together. */
export function chooseActions(
  details: readonly AuthorizationDetail[],
  chosen: readonly number[],
): AuthorizationDetail[] {
  const places = new Set(chosen);
  let place = 0;
  const isChosen = () => places.has(place++);
  return details.flatMap((detail) => {
    if (!detail.actions) return isChosen() ? [detail] : [];
    const actions = detail.actions.filter(isChosen);
    return actions.length > 0 ? [{ ...detail, actions }] : [];
  });
}

/** The single actions in sentences. */
export const describeDetails = (
  { identifier, name, detailsTypes }: Resource,
  details: readonly AuthorizationDetail[],
  describe: DescribeDetail = () => undefined,
): DescribedDetail[] =>
  singleActions(details).map((detail) => ({
    description: describe(identifier, detail) || plainly(detail, detailsTypes),
    resource: name || identifier,
  }));

/** "A project “apollo”: read", and what else limits it: "A table: read (data types: rows; privileges: owner)". */
function plainly(
  {
    type,
    identifier,
    actions = [],
    datatypes = [],
    privileges = [],
    locations = [],
  }: AuthorizationDetail,
  detailsTypes: Resource['detailsTypes'],
): string {
  const kind = detailsTypes.find((declared) => declared.type === type)?.description || type;
  const thing = identifier === undefined ? kind : `${kind} “${identifier}”`;
  const what = actions.length === 0 ? thing : `${thing}: ${actions.join(', ')}`;
  const others = Object.entries({ 'data types': datatypes, privileges, at: locations })
    .filter(([, names]) => names.length > 0)
    .map(([member, names]) => `${member}: ${names.join(', ')}`);
  return others.length === 0 ? what : `${what} (${others.join('; ')})`;
}
