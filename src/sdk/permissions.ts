/** Permissions for resource servers: check whether the `entitlements` of a token allow a permission. */
export { allows, covers, intersect, isPermission } from '../oauth/permissions.ts';
