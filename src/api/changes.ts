import type Router from '@koa/router';
import * as z from 'zod';
import type { Database } from '../../db/database.ts';
import { readChanges } from '../domain/changes.ts';
import type { Authenticate } from './authenticate.ts';
import { readQuery } from './input.ts';

const query = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

/**
 * `/changes`: what ended tokens or altered what they may do, in the order of commits. A follower keeps
 * the last number it has seen and asks for those after it.
 */
export function changeRoutes(
  router: Router,
  { authenticate, database }: { authenticate: Authenticate; database: Database },
): void {
  router.get('/changes', async (ctx) => {
    await authenticate(ctx, 'changes:read');
    const { after, limit } = readQuery(ctx, query);
    const items = await readChanges(database.kysely, { after, limit });
    ctx.body = { items, last: items.at(-1)?.number ?? after };
  });
}
