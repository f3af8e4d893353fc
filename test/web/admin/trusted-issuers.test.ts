import { expect, test } from '@jest/globals';
import { signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { issuerKey, podClaims } from '../../support/trusted-issuer.ts';
import { ageSignIns, expectDone } from '../apps/support.ts';
import { expectEveryFormSent } from './support.ts';

onStack((stack) => {
  test('an administrator trusts an issuer, tries its tokens against a rule, and disables, enables and deletes it', async () => {
    const { domain, database, issuer } = stack();
    const home = '/admin/trusted-issuers';
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const key = await issuerKey('ES256');
    const iss = `https://${unique('cluster')}.test`;
    await visitor.get(`${home}/new`);
    const wrong = await visitor.submit(home, { preset: 'kubernetes', id: 'Cluster', jwks: 'none' });
    expect(wrong.status).toBe(400);
    const id = unique('cluster');
    const path = `${home}/${id}`;
    const made = await visitor.submit(home, {
      preset: 'kubernetes',
      id,
      issuer: iss,
      jwks: JSON.stringify({ keys: [key.jwk] }),
    });
    await expectDone(visitor, made, path, 'The issuer is trusted');
    expect((await visitor.get(home)).words).toContain(iss);

    const { id: client } = await stack().api.createClient({
      client_id: unique('backend'),
      token_endpoint_auth_method: 'trusted_issuer',
    });
    const ruled = await visitor.submit(`${path}/rules`, {
      rule_name: 'backend',
      claims: 'sub=system:serviceaccount:prod:*',
      client,
      scopes: 'things:read',
    });
    await expectDone(visitor, ruled, path, 'The rule is added');
    const token = await key.sign(podClaims(iss, issuer, ['prod', 'api']));
    const tried = await visitor.submit(`${path}/try`, { token });
    expect(tried.words).toMatch(new RegExp(`It would be accepted as the client ${client}`));
    expect(tried.words).toContain('things:read');
    expect(tried.text).not.toContain(token);
    const other = await key.sign(podClaims(iss, issuer, ['dev', 'api']));
    expect((await visitor.submit(`${path}/try`, { token: other })).words).toContain(
      'No rule matches',
    );
    expect((await visitor.submit(`${path}/check`)).words).toContain('There are 1');
    const over = await visitor.submit(`${path}/end-tokens`);
    await expectDone(visitor, over, path, 'has ended. It stays trusted');
    const disabled = await visitor.submit(`${path}/disable`);
    await expectDone(visitor, disabled, path, 'The issuer is disabled');
    expect(await domain.trustedIssuers.find(id)).toMatchObject({ enabled: false });
    const enabled = await visitor.submit(`${path}/enable`);
    await expectDone(visitor, enabled, path, 'The issuer is enabled');
    const ofClient = `All access and refresh tokens of the client ${client} are revoked now`;
    const ofIssuer = 'All tokens that were exchanged for tokens of this issuer are revoked now';
    const use = async (name: string) => {
      await stack().api.call('PATCH', `/trusted-issuers/${id}`, { uses: [name] });
      return (await visitor.get(path)).words;
    };
    expect((await visitor.get(path)).words).toContain(ofClient);
    const exchanging = await use('token_exchange');
    expect(exchanging).toContain(ofIssuer);
    expect(exchanging).not.toContain(ofClient);
    const gone = await visitor.submit(`${path}/rules/delete`, { rule: 'backend' });
    await expectDone(
      visitor,
      gone,
      path,
      'The rule is deleted, and the tokens that were exchanged',
    );
    expect(await use('software_statements')).not.toMatch(/Rules|Add a rule|Try a token/);
    await ageSignIns({ database });
    expect((await visitor.submit(`${path}/delete`)).location).toMatch(/^\/sign-in/);
    expect(await domain.trustedIssuers.find(id)).toMatchObject({ rules: [] });
    await database.kysely.updateTable('session').set({ signed_in_at: new Date() }).execute();
    await visitor.get(path);
    const deleted = await visitor.submit(`${path}/delete`);
    await expectDone(visitor, deleted, home, 'The issuer is deleted');
    expect((await visitor.get(path)).status).toBe(404);
  });

  test('every form of the section was sent above', () =>
    expectEveryFormSent(stack(), '/admin/trusted-issuers'));
});
