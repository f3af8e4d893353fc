import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { diagnoseRegistrations } from '../../src/boot/registration-diagnostics.ts';
import { onDatabase } from '../db/each-database.ts';

onDatabase((database) => {
  const found = async () =>
    Object.fromEntries(
      (await diagnoseRegistrations(database().kysely)).map((check) => [check.name, check]),
    );

  test('what an older version registered and today’s rules refuse is named, and what is sound is not', async () => {
    const { kysely } = database();
    for (const check of Object.values(await found())) expect(check.status).toBe('ok');
    const client = (clientId: string, metadata: object) =>
      sql`insert into client (client_id, metadata) values (${clientId}, ${JSON.stringify(metadata)})`.execute(
        kysely,
      );
    await client('0198c0de-aaaa-7bbb-8ccc-ddddeeeeffff', {});
    await client('old', { redirect_uris: ['http://app.example/cb', 'https://app.example/cb'] });
    await client('phone', { application_type: 'native', redirect_uris: ['http://127.0.0.1/cb'] });
    await client('signer', { token_endpoint_audience: true });
    await client('website', { require_pkce: false });
    await client('strict', { token_endpoint_audience: false, require_pkce: true });
    await sql`insert into resource (identifier, name, scopes, token_format, signing_alg)
      values ('https://old.test', 'Old', '[{"name":"a:read,a:write","description":""}]', 'jwt', 'ES256')`.execute(
      kysely,
    );
    await sql`insert into role (name, permissions) values ('old', '{things.read,rea*}')`.execute(
      kysely,
    );
    const unused = await diagnoseRegistrations(kysely, ['https://old.test']);
    expect(JSON.stringify(unused)).not.toContain('https://old.test');
    const checks = await found();
    for (const [name, words] of [
      ['client IDs', ': 0198c0de-aaaa-7bbb-8ccc-ddddeeeeffff.'],
      ['redirect URIs', ': old (http://app.example/cb).'],
      ['assertions', ': signer.'],
      ['PKCE', ': website.'],
      ['scopes', ': a:read,a:write (https://old.test).'],
      ['permissions', ': rea* (old).'],
      ['JWT lifetimes', ': https://old.test (30 days).'],
    ] as const)
      expect(checks[name]).toMatchObject({
        status: 'warning',
        message: expect.stringContaining(words),
      });
  });
});
