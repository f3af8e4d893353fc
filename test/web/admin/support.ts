import { expect } from '@jest/globals';
import Router from '@koa/router';
import { adminPages } from '../../../src/web/admin/index.ts';
import type { Stack } from '../../support/stacks.ts';
import { acceptedForms } from '../../support/visitor.ts';

const router = new Router({ sensitive: true, strict: true });

/** Every page and form of the console, with the scope that it needs. Only their declarations are read. */
export const consoleRoutes = adminPages(router, { pages: {} } as never);

/** Whether the path is that of a section, or below it. */
const isWithin = (section: string) => (path: string) =>
  path === section || path.startsWith(`${section}/`);

/** Fails for forms of a section that no test of this file has sent, or none with success. */
export function expectEveryFormSent({ origin }: Pick<Stack, 'origin'>, section: string): void {
  const routeOf = (path: string) =>
    String(
      router.match(path, 'POST').pathAndMethod.find(({ methods }) => methods.includes('POST'))
        ?.path,
    );
  const sent = new Set(acceptedForms(origin).map(routeOf).filter(isWithin(section)));
  const forms = consoleRoutes.filter(({ method }) => method === 'POST').map(({ path }) => path);
  expect([...sent].toSorted()).toEqual(forms.filter(isWithin(section)).toSorted());
}
