import { defineRoutes } from '../framework/dialect.ts';
import { appRoutes } from './apps/routes.ts';

/** The routes that clients of Speckle call. */
export const speckleRoutes = defineRoutes({
  'POST /graphql': {
    features: ['K4', 'K7', 'K9', 'K10', 'K11', 'K12', 'K16', 'K17'],
    limit: ['graphql.network', 'bearer.network'],
    cors: true,
  },
  ...appRoutes,
});
