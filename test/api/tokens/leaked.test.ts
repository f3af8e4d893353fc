import { expect, test } from '@jest/globals';
import { requestLimits } from '../../../config/limits.ts';
import { makeParties } from '../../support/parties.ts';
import { onStack } from '../../support/stacks.ts';
import { makeBackend } from '../backend.ts';

onStack(
  (stack) => {
    let networks = 0;
    /** A report from a network without previous reports. */
    const report = (tokens: unknown, from = `203.0.113.${++networks}`) =>
      stack().request('POST', '/api/v1/tokens/leaked', {
        headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
        body: JSON.stringify({ tokens }),
      });

    test('a report reveals nothing about a value: neither whether nor what it was', async () => {
      const { key } = await makeBackend(stack());
      const access = await (await makeParties(stack(), { format: 'jwt' })).issue();
      const shown = async (values: string[]) => {
        const { status, text, headers } = await report(values);
        const told = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
        return { status, text, told };
      };
      const nothing = await shown([
        'nothing of ours',
        'writ_tk_nothing',
        'eyJhbGciOiJub25lIn0.e30.',
      ]);
      expect(nothing).toMatchObject({ status: 202, text: '' });
      expect(nothing.told.map(([name]) => name)).not.toContain('content-type');
      for (const values of [[key, access], [key], ['a\nb']])
        expect(await shown(values)).toEqual(nothing);
    });

    test('reported values of this server are inactive from then on', async () => {
      const { api, make, key, client, resourceServer, issue } = await makeBackend(stack());
      const [stays, leaked] = [await make(), await make()];
      const access = await issue();
      expect((await report(['x', leaked.token, access])).status).toBe(202);
      const active = async (token: string) =>
        (await stack().introspect(token, resourceServer)).body.active;
      expect(await active(stays.token)).toBe(true);
      expect(await active(leaked.token)).toBe(false);
      expect(await active(access)).toBe(false);
      expect((await report([key, client.secret])).status).toBe(202);
      expect((await api.call('GET', '/tokens')).status).toBe(401);
      expect((await stack().token(client)).body.error).toBe('invalid_client');
    });

    test('a network that sends too many reports gets Retry-After, and others are not delayed', async () => {
      const from = '198.51.100.7';
      const limit = requestLimits['leak_reports.network'];
      for (let sent = 0; sent < limit.points; sent++)
        expect((await report(['nothing of ours'], from)).status).toBe(202);
      const { make, resourceServer } = await makeBackend(stack());
      const { token } = await make();
      const refused = await report([token], from);
      expect(refused).toMatchObject({ status: 429, body: { error: 'too_many_requests' } });
      const seconds = Number(refused.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(limit.seconds);
      expect((await stack().introspect(token, resourceServer)).body.active).toBe(true);
      expect((await report([token])).status).toBe(202);
      expect((await stack().introspect(token, resourceServer)).body.active).toBe(false);
    });

    test('a report needs no authentication, and an invalid token does not matter', async () => {
      const before = stack().logged().length;
      const { status, headers } = await stack().request('POST', '/api/v1/tokens/leaked', {
        headers: {
          'content-type': 'application/json',
          authorization: 'Bearer nonsense',
          'x-forwarded-for': '192.0.2.1',
        },
        body: JSON.stringify({ tokens: ['nothing of ours'] }),
      });
      expect(status).toBe(202);
      expect(headers.get('www-authenticate')).toBeNull();
      const logged = stack().logged().slice(before);
      expect(logged).toContain('/api/v1/tokens/leaked');
      expect(logged).not.toContain('authentication failed');
      expect(logged).not.toContain('nothing of ours');
    });
  },
  { TRUST_PROXY: '1' },
);
