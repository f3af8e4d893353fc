import type { Manages } from '../../../db/schema.ts';

/** What a role of an app lets its members change: each level includes the ones before it. */
const levels: readonly Manages[] = ['nothing', 'clients', 'app'];

/** Whether a role that manages `own` may change all that one that manages `wanted` may. */
export const managesAtLeast = (own: Manages, wanted: Manages): boolean =>
  levels.indexOf(own) >= levels.indexOf(wanted);
