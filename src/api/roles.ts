import type Router from '@koa/router';
import * as z from 'zod';
import type { Roles } from '../domain/roles.ts';
import { OAuthError } from '../oauth/errors.ts';
import type { Authenticate } from './authenticate.ts';
import { pathParameter, readBody, text } from './input.ts';

const namePattern = /^[A-Za-z][A-Za-z0-9._-]{0,99}$/;

const definition = z.strictObject({
  description: text(500).optional(),
  permissions: z.array(text(200)).max(500),
});

/** `/roles`: names, and the permissions they give. */
export function roleRoutes(
  router: Router,
  { authenticate, roles }: { authenticate: Authenticate; roles: Roles },
): void {
  router.get('/roles', async (ctx) => {
    await authenticate(ctx, 'roles:read');
    ctx.body = { items: await roles.list() };
  });

  router.put('/roles/:name', async (ctx) => {
    await authenticate(ctx, 'roles:write');
    const role = pathParameter(ctx, 'name');
    if (!namePattern.test(role))
      throw new OAuthError(
        'invalid_request',
        'A role has 1 to 100 letters, digits, dots, dashes and underscores, a letter first.',
      );
    ctx.body = await roles.set({ name: role, ...(await readBody(ctx, definition)) });
  });
}
