import { expect, test } from '@jest/globals';
import { signedIn } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';

onStack(
  (stack) => {
    test('with ADMIN_PORT the console is at its own port and nowhere else; signing in works there', async () => {
      const { console: address } =
        stack()
          .logged()
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as { msg?: string; console?: string })
          .find(({ msg }) => msg === 'listening') ?? {};
      const { origin } = new URL(String(address));
      expect(origin).not.toBe(stack().origin);

      const { visitor, email, password } = await signedIn(stack(), { roles: ['administrator'] });
      expect((await visitor.get('/admin/trusted-issuers')).status).toBe(404);
      expect((await visitor.get('/account')).text).not.toContain('href="/admin"');

      const inside = createVisitor(origin);
      expect((await inside.get('/admin/trusted-issuers')).location).toMatch(/^\/sign-in/);
      await inside.signIn(email, password);
      expect((await inside.get('/admin/trusted-issuers')).status).toBe(200);
      expect((await inside.get('/account')).text).toContain('href="/admin"');
    });
  },
  { ADMIN_PORT: '0' },
);
