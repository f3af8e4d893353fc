import { defineRoutes } from '../framework/dialect.ts';

/** Web pages call these with a token in a header and no cookie. */
const open = { limit: ['bearer.network'], cors: true } as const;

/** The routes that clients of SQLite Cloud call. */
export const sqlitecloudRoutes = defineRoutes({
  'POST /v2/tokens': { features: ['L1', 'L2', 'L8', 'L9', 'L10'], ...open },
  'PATCH /v2/tokens': { features: ['L5', 'L2'], ...open },
  'DELETE /v2/tokens': { features: ['L6', 'L10'], ...open },
  'GET /v2/tokens/details': { features: ['L3'], ...open },
  'POST /v2/tokens/details': { features: ['L3'], reads: true, ...open },
  'GET /v2/tokens/authorized': { features: ['L4', 'L10'], ...open },
  'GET /v2/tokens/users/:userId': { features: ['L7'], ...open },
});
