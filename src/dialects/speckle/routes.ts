import { defineRoutes } from '../framework/dialect.ts';
import { appRoutes } from './apps/routes.ts';

/** What the clients of Speckle call. */
export const speckleRoutes = defineRoutes({
  'POST /graphql': {
    features: ['K17'],
    limit: ['documents.network', 'bearer.network'],
    cors: true,
  },
  ...appRoutes,
});
