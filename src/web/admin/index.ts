/** `/admin`: the console of administrators. Its rules are those of the API, with the rights of the person. */
import type Router from '@koa/router';
import { seeOther } from '../framework/page-renderer.ts';
import { createAdminPages } from './administrator.ts';
import { trustedIssuerPages } from './trusted-issuers.ts';

type Dependencies = Parameters<typeof trustedIssuerPages>[1];

/** Mounts the pages of the console; its first section is its start. */
export function adminPages(router: Router, dependencies: Dependencies): void {
  const admin = createAdminPages(dependencies.pages);
  router.get('/admin', (ctx) =>
    admin.forAdministrator(ctx, '/admin', async () => seeOther(ctx, '/admin/trusted-issuers')),
  );
  trustedIssuerPages(router, dependencies);
}
