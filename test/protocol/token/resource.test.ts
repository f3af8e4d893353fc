import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Credentials } from '../../support/http.ts';
import { onStack } from '../../support/stacks.ts';
import { createResource, storedTokens } from './support.ts';

onStack((stack) => {
  let standard: string;
  let first: string;
  let second: string;
  beforeAll(async () => {
    standard = await createResource(stack(), { default: true });
    first = await createResource(stack());
    second = await createResource(stack());
  });

  const audienceOf = async (client: Credentials, form: Record<string, string> = {}) => {
    const { body } = await stack().token(client, form);
    return (await stack().introspect(body.access_token, client)).body.aud;
  };

  test('a request without a resource gets a token for the default of the installation', async () => {
    expect(await audienceOf(await stack().api.createClient())).toBe(standard);
    const both = await stack().api.createClient({ resources: [first, standard] });
    expect(await audienceOf(both)).toBe(standard);
  });

  test('a client without the default resource gets its own first one by default', async () => {
    const client = await stack().api.createClient({ resources: [second, first] });
    expect(await audienceOf(client)).toBe(second);
  });

  test('a client names the resource of its token (RFC 8707 §2)', async () => {
    const client = await stack().api.createClient({ resources: [first, second] });
    expect(await audienceOf(client, { resource: second })).toBe(second);
    expect(await audienceOf(client, { resource: first })).toBe(first);
  });

  test('a token for one resource is inactive to the server of another', async () => {
    const client = await stack().api.createClient({ resources: [first, second] });
    const server = (resource: string) =>
      stack().api.createClient({ grant_types: [], resource_server_for: [resource] });
    const { body } = await stack().token(client, { resource: first });
    const seenBy = async (asker: Credentials) =>
      (await stack().introspect(body.access_token, asker)).body;
    expect(await seenBy(await server(first))).toMatchObject({ active: true, aud: first });
    expect(await seenBy(await server(second))).toEqual({ active: false });
  });

  describe('a client gets invalid_target and no token (RFC 8707 §2) for', () => {
    const refused = async (client: Credentials, form: [string, string][]) => {
      const before = await storedTokens(stack());
      const answer = await stack().post(
        '/connect/token',
        [['grant_type', 'client_credentials'], ...form],
        client,
      );
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
      expect(await storedTokens(stack())).toBe(before);
      return answer.body.error_description;
    };
    const limited = () => stack().api.createClient({ resources: [first] });

    test('a resource that it is not allowed', async () => {
      await refused(await limited(), [['resource', second]]);
      const client = await stack().api.createClient();
      expect(await refused(client, [['resource', first]])).toContain(
        `writ clients update ${client.id} --add resource=${first}`,
      );
    });

    test('Writ’s own API, if the client was not given it by name', async () => {
      await refused(await stack().api.createClient(), [['resource', stack().apiResource]]);
    });

    test.each([
      ['one that does not exist', 'https://nowhere.example'],
      ['one that is not a URI', 'nowhere'],
      ['one with a fragment', 'https://nowhere.example/#part'],
      ['one with another scheme', 'javascript:alert(1)'],
    ])('%s', async (_name, resource) => {
      await refused(await limited(), [['resource', resource]]);
    });

    test('two at once', async () => {
      const client = await stack().api.createClient({ resources: [first, second] });
      await refused(client, [
        ['resource', first],
        ['resource', second],
      ]);
    });
  });
});
