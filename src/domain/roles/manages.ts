import type { Manages } from '../../../db/schema.ts';

/** Levels of what a role of an app can manage. Each level includes the ones before it. */
const levels: readonly Manages[] = ['nothing', 'clients', 'app'];

/** Whether the level `own` includes the level `wanted`. */
export const managesAtLeast = (own: Manages, wanted: Manages): boolean =>
  levels.indexOf(own) >= levels.indexOf(wanted);
