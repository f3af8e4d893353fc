import { beforeAll, expect, test } from '@jest/globals';
import { parseToken } from '../../../src/domain/tokens/value.ts';
import type { Credentials } from '../../support/http.ts';
import { onStack } from '../../support/stacks.ts';
import { createResource } from './support.ts';

onStack((stack) => {
  let client: Credentials;
  beforeAll(async () => {
    await createResource(stack(), { default: true });
    client = await stack().api.createClient();
  });

  test('after its prefix an opaque token has only letters and digits, which are safe in SQL, URLs and patterns', async () => {
    const { body } = await stack().token(client);
    expect(body.access_token).toMatch(/^writ_at_[A-Za-z0-9]{52}$/);
    expect(client.secret).toMatch(/^writ_cs_[A-Za-z0-9]{49}$/);
  });

  test('no two tokens are equal, even at the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => stack().token(client)));
    expect(new Set(answers.map(({ body }) => body.access_token)).size).toBe(20);
  });

  test('a token with any one character changed is refused by its checksum, without a database lookup', async () => {
    const { body } = await stack().token(client);
    const value: string = body.access_token;
    expect(parseToken(value)).toBeDefined();
    for (const [place, character] of [...value].entries()) {
      const other = character === 'x' ? 'y' : 'x';
      const changed = value.slice(0, place) + other + value.slice(place + 1);
      expect(parseToken(changed)).toBeUndefined();
    }
    const changed = value.slice(0, -1) + (value.endsWith('x') ? 'y' : 'x');
    expect((await stack().introspect(changed, client)).body).toEqual({ active: false });
    expect((await stack().introspect(value, client)).body.active).toBe(true);
  });

  test('a token that is cut or extended is inactive', async () => {
    const { body } = await stack().token(client);
    const value: string = body.access_token;
    for (const other of [value.slice(0, -1), `${value}0`, ` ${value}`, value.toUpperCase()])
      expect((await stack().introspect(other, client)).body).toEqual({ active: false });
  });
});
