import { expect, test } from '@jest/globals';
import { onStack, unique } from '../../support/stacks.ts';

onStack((stack) => {
  const make = async (given: object = {}) => {
    const answer = await stack().api.call('POST', '/accounts', { name: 'Ada', ...given });
    if (answer.status !== 201) throw new Error(`no account was made: ${answer.text}`);
    return answer;
  };

  test('an account is returned as it was created', async () => {
    const { api } = stack();
    const role = unique('role');
    await api.setRole(role, []);
    const given = { name: 'Ada', email: `${unique('ada')}@example.com`, roles: [role] };
    const { body, headers } = await make(given);
    expect(body).toMatchObject({ ...given, disabled_at: null });
    expect(headers.get('location')).toBe(`/api/v1/accounts/${body.id}`);
    const shown = await api.call('GET', `/accounts/${body.id}`);
    expect(shown.body).toEqual(body);
    expect(shown.headers.get('etag')).toBe(headers.get('etag'));
  });

  test('an email address belongs to one account, ignoring case, and finds it', async () => {
    const { api } = stack();
    const email = `${unique('grace')}@example.com`;
    const { body } = await make({ email });
    const conflict = { status: 409, body: { error: 'conflict' } };
    const again = { name: 'Other', email: email.toUpperCase() };
    expect(await api.call('POST', '/accounts', again)).toMatchObject(conflict);
    const { body: other } = await make();
    expect(await api.call('PATCH', `/accounts/${other.id}`, { email })).toMatchObject(conflict);
    const query = new URLSearchParams({ email: email.toUpperCase() });
    expect((await api.call('GET', `/accounts?${query}`)).body).toEqual({
      items: [body],
      next: null,
    });
  });

  test('omitted fields stay as they are, and null removes the email address', async () => {
    const { api } = stack();
    const { body } = await make({ email: `${unique('ada')}@example.com` });
    const path = `/accounts/${body.id}`;
    expect((await api.call('PATCH', path, { name: 'Augusta' })).body).toEqual({
      ...body,
      name: 'Augusta',
    });
    expect((await api.call('PATCH', path, { email: null })).body).toEqual({
      ...body,
      name: 'Augusta',
      email: null,
    });
  });

  test('a disabled account shows when it was disabled, and can be enabled', async () => {
    const { api } = stack();
    const { body } = await make();
    const path = `/accounts/${body.id}`;
    const disabled = await api.call('POST', `${path}/disable`);
    expect(disabled.body.disabled_at).toEqual(expect.any(String));
    expect((await api.call('GET', path)).body).toEqual(disabled.body);
    expect((await api.call('POST', `${path}/enable`)).body).toEqual(body);
  });
});
