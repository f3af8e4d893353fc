import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { sha256 } from '../../src/crypto/digest.ts';
import { unique } from '../support/stacks.ts';
import { redeemables } from './people.ts';
import { nodesOf, type Stores } from './stores.ts';

/** A reader of the stores learns neither what gives access nor what a person is doing. */
export function secrecy(stores: () => Stores): void {
  const artifacts = ['Interaction', 'DeviceCode', 'AuthorizationCode'];

  test.each(artifacts)(
    '%s leaves nothing of its id, codes and payload in the stores',
    async (kind) => {
      const id = `id-${randomUUID()}`;
      const secrets = {
        uid: `uid-${randomUUID()}`,
        userCode: unique('CODE'),
        nonce: unique('nonce'),
      };
      await stores()
        .adapter(kind)
        .upsert(id, { jti: id, accountId: 'ada-lovelace', ...secrets }, 600);
      await expectNowhere([id, 'ada-lovelace', ...Object.values(secrets)]);
    },
  );

  test('a redemption leaves neither the value nor the response in the stores', async () => {
    for (const make of Object.values(redeemables)) {
      const { value, redeem } = await make(stores());
      const { status, body } = await redeem();
      expect(status).toBe(200);
      await expectNowhere([value, body.access_token, body.refresh_token]);
    }
  });

  test('what is sealed for one id cannot be opened under another', async () => {
    const adapter = stores().adapter('Interaction');
    const [mine, theirs] = [randomUUID(), randomUUID()];
    await adapter.upsert(mine, { jti: mine }, 600);
    await adapter.upsert(theirs, { jti: theirs }, 600);
    await copy(theirs, mine);
    await expect(adapter.find(mine)).rejects.toThrow('cannot be opened');
  });

  async function expectNowhere(secrets: string[]): Promise<void> {
    const stored = await everything(stores());
    expect(stored.length).toBeGreaterThan(100);
    for (const secret of secrets) {
      expect(stored).not.toContain(Buffer.from(secret).toString('hex'));
      expect(stored).not.toContain(Buffer.from(JSON.stringify(secret)).toString('hex'));
    }
  }

  /** Copies a stored record to another id, as an attacker with write access to the store could. */
  async function copy(from: string, to: string): Promise<void> {
    const stored = await stores().ephemeral.get('Interaction', sha256(from));
    await stores().ephemeral.put('Interaction', sha256(to), stored?.sealed ?? Buffer.of(), 600);
  }
}

/** Every byte of both stores, in hex. */
async function everything({ database, redis }: Stores): Promise<string> {
  let all = '';
  const hex = (value: unknown): string =>
    Buffer.isBuffer(value)
      ? value.toString('hex')
      : Buffer.from(value instanceof Date ? '' : JSON.stringify(value ?? '')).toString('hex');
  for (const table of ['artifact', 'redemption', 'token', 'oauth_grant', 'change'] as const)
    for (const row of await database.kysely.selectFrom(table).selectAll().execute())
      all += `${Object.values(row).map(hex).join(' ')}\n`;
  for (const node of redis ? nodesOf(redis) : [])
    for (const key of await node.keys('*')) {
      const content =
        (await node.type(key)) === 'zset'
          ? await node.zrangeBuffer(key, '0', '-1')
          : (await node.type(key)) === 'hash'
            ? Object.entries(await node.hgetall(key)).flat()
            : [await node.getBuffer(key)];
      all += `${hex(Buffer.from(key))} ${content.map(hex).join(' ')}\n`;
    }
  return all;
}
