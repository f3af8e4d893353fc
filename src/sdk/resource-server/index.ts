/** THE SDK OF A RESOURCE SERVER: `writ-sdk/resource-server`. See docs/guard.md. */
export {
  type ProtectedResource,
  protectedResourceMetadata,
  type ResourceMetadata,
  resourceMetadataUrl,
} from '../../oauth/protected-resource.ts';
export { FeedLost, ResourceNotServed } from './feed.ts';
export { forExpress, forFastify, forFetch, forHono, forKoa, type NeedsOf } from './frameworks.ts';
export { createGuard } from './guard.ts';
export type * from './types.ts';
