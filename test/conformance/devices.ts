import { expect, test } from '@jest/globals';
import { sha256 } from '../../src/crypto/digest.ts';
import { UserCodeTakenError } from '../../src/domain/short-lived/store.ts';
import { someone } from './people.ts';
import type { Stores } from './stores.ts';

/** How a device starts, as far as the store is involved. */
export function devices(stores: () => Stores): void {
  test('a device whose user code is taken gets another one in its response', async () => {
    const { clientId, accountId } = await someone(stores());
    const { ephemeral } = stores();
    const { put } = ephemeral;
    const tried: (string | undefined)[] = [];
    ephemeral.put = async (kind, id, sealed, lifetime, indexes) => {
      tried.push(indexes?.userCode?.toString('hex'));
      if (tried.length < 3) throw new UserCodeTakenError();
      return put(kind, id, sealed, lifetime, indexes);
    };
    const begin = () =>
      stores().post('/connect/deviceauthorization', { client_id: clientId, scope: 'openid' });
    const { status, body } = await begin().finally(() => {
      ephemeral.put = put;
    });
    expect(status).toBe(200);
    expect(new Set(tried).size).toBe(3);
    // Below, it is found by its keyed digest.
    expect(tried[2]).not.toBe(sha256(body.user_code.replace('-', '')).toString('hex'));
    for (const uri of [body.verification_uri_complete, body.verification_uri_qr])
      expect(new URL(uri).searchParams.get('user_code')).toBe(body.user_code);
    const account = { id: accountId, roles: [] };
    expect(await stores().deviceRequests.find(body.user_code, account)).toMatchObject({
      userCode: body.user_code,
    });
  });
}
