/** Permissions for resource servers: whether the `entitlements` of a token allow what is asked for. */
export { allows, covers, intersect, isPermission } from '../oauth/permissions.ts';
