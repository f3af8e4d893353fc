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
      profile_updated_at: expect.any(String),
    });
    expect((await api.call('PATCH', path, { email: null })).body).toEqual({
      ...body,
      name: 'Augusta',
      email: null,
      profile_updated_at: expect.any(String),
    });
  });

  test('the profile and attributes are returned as they were set, and null removes a field', async () => {
    const { api } = stack();
    const given = {
      email: `${unique('ada')}@example.com`,
      email_verified: true,
      given_name: 'Ada',
      picture: 'https://pictures.example/ada.png',
      locale: 'en-GB',
      zoneinfo: 'Europe/London',
      phone_number: '+442079460018',
      phone_number_verified: true,
      address: { street_address: '12 St James’s Square\nLondon', country: 'GB' },
      attributes: { tenant_id: 'acme', floors: [1, 2] },
    };
    const { body } = await make(given);
    expect(body).toMatchObject({ ...given, family_name: null, nickname: null });
    const path = `/accounts/${body.id}`;
    const changes = { picture: null, address: null, attributes: {}, nickname: 'Countess' };
    const { body: changed } = await api.call('PATCH', path, changes);
    expect(changed).toMatchObject({ ...given, ...changes });
    expect((await api.call('PATCH', path, { email: 'other@example.com' })).body).toMatchObject({
      email_verified: false,
      phone_number_verified: true,
    });
  });

  test.each([
    { picture: 'http://pictures.example/ada.png' },
    { locale: 'no language' },
    { phone_number: '12' },
    { address: { planet: 'Earth' } },
    { address: 'Earth' },
    { attributes: [] },
    { attributes: null },
    { email_verified: null },
    { phone_number_verified: true },
    { email_verified: 'yes' },
  ])('%j is refused', async (wrong) => {
    const { body } = await make();
    const answer = await stack().api.call('PATCH', `/accounts/${body.id}`, wrong);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    expect(answer.body.error_description).toContain(Object.keys(wrong)[0]);
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
