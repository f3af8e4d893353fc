import type { Resource } from '../resources/resources.ts';
import type { AuthorizationDetail } from '../tokens/named/types.ts';
import type { DescribedDetail } from './types.ts';

/**
 * Returns a sentence for a detail with one action that is better than the generic one; undefined if there is none.
 * `resource` is the identifier. Dialects provide these.
 */
export type DescribeDetail = (resource: string, detail: AuthorizationDetail) => string | undefined;

/** Splits details into one per action, in order: the items that a person can allow or leave out. */
export const singleActions = (details: readonly AuthorizationDetail[]): AuthorizationDetail[] =>
  details.flatMap((detail) =>
    detail.actions ? detail.actions.map((action) => ({ ...detail, actions: [action] })) : [detail],
  );

/** Keeps the actions with the chosen indexes into `singleActions(details)`; actions of a detail stay together. */
export function chooseActions(
  details: readonly AuthorizationDetail[],
  chosen: readonly number[],
): AuthorizationDetail[] {
  const indexes = new Set(chosen);
  let index = 0;
  const isChosen = () => indexes.has(index++);
  return details.flatMap((detail) => {
    if (!detail.actions) return isChosen() ? [detail] : [];
    const actions = detail.actions.filter(isChosen);
    return actions.length > 0 ? [{ ...detail, actions }] : [];
  });
}

/** Describes each action in a sentence. */
export const describeDetails = (
  { identifier, name, detailsTypes }: Resource,
  details: readonly AuthorizationDetail[],
  describe: DescribeDetail = () => undefined,
): DescribedDetail[] =>
  singleActions(details).map((detail) => ({
    description: describe(identifier, detail) || genericSentence(detail, detailsTypes),
    resource: name || identifier,
  }));

/** For example "A project “apollo”: read" or "A table: read (data types: rows; privileges: owner)". */
function genericSentence(
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
