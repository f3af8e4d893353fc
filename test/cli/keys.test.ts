import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { onStack } from '../support/stacks.ts';
import { operatorOf } from './operator.ts';

interface Key {
  kid: string;
  alg: string;
  state: string;
}

onStack((stack) => {
  const { json, script, onTerminal } = operatorOf(stack);
  const inState = async (state: string, alg = 'ES256'): Promise<Key[]> =>
    (await json('keys', 'list')).filter((key: Key) => key.state === state && key.alg === alg);
  const published = async (): Promise<string[]> => {
    const { body } = await stack().api.call('GET', '/keys');
    return body.items.map(({ kid }: Key) => kid);
  };
  /** As if every key had been announced an hour ago. */
  const anHourPasses = () =>
    stack()
      .database.kysely.updateTable('signing_key')
      .set({ created_at: sql`created_at - interval '1 hour'` as never })
      .execute();

  test('keys list shows what signs, and since when', async () => {
    const { out } = await onTerminal(['keys', 'list']);
    expect(out).toMatch(/^KID +ALG +STATE +SINCE$/m);
    expect(out).toMatch(/^[\w-]{43} +ES256 +signing +\d{4}-\d\d-\d\d \d\d:\d\d$/m);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('keys rotate is refused while verifiers may not know the next key', async () => {
    const next = await inState('announced');
    expect(await script('keys', 'rotate')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('was announced too recently'),
    });
    expect(await inState('announced')).toEqual(next);
  });

  test('keys rotate lets the announced key sign, of one algorithm or of all', async () => {
    await anHourPasses();
    const [signing, other] = [await inState('signing'), await inState('signing', 'RS256')];
    const next = await inState('announced');
    const listed = await json('keys', 'rotate', '--alg', 'ES256');
    expect(listed).toEqual(await json('keys', 'list'));
    expect((await inState('signing')).map(({ kid }) => kid)).toEqual(next.map(({ kid }) => kid));
    expect((await inState('retired')).map(({ kid }) => kid)).toEqual(signing.map(({ kid }) => kid));
    expect(await inState('signing', 'RS256')).toEqual(other);
    await anHourPasses();
    expect(await script('keys', 'rotate')).toMatchObject({ code: 0, err: '' });
    expect(await inState('signing', 'RS256')).not.toEqual(other);
  });

  test('keys revoke takes a key out for good, after a question', async () => {
    const kid = String((await inState('signing'))[0]?.kid);
    const kept = await onTerminal(['keys', 'revoke', kid], { answer: 'no' });
    expect(kept).toMatchObject({ code: 1, questions: [expect.stringContaining(kid)] });
    expect(await published()).toContain(kid);
    const revoked = await onTerminal(['keys', 'revoke', kid], { answer: 'yes' });
    expect(revoked).toMatchObject({ code: 0, err: '' });
    expect(await published()).not.toContain(kid);
    expect(await script('keys', 'revoke', kid, '--yes')).toMatchObject({ code: 1, out: '' });
  });

  test('keys reseal says that there is nothing to do, or how much was done', async () => {
    expect(await script('keys', 'reseal')).toMatchObject({
      code: 0,
      out: 'Nothing to do: the newest key of SECRET_KEYS encrypts everything.\n',
    });
    expect(await json('keys', 'reseal')).toEqual({ resealed: 0 });
  });
});
