import { beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { apiScopes } from '../../../config/scopes.ts';
import type { Answer } from '../../support/http.ts';
import { onStack } from '../../support/stacks.ts';
import {
  call,
  nameOf,
  type Route,
  routes,
  sharedThings,
  type Things,
  thingsFor,
  tokenFor,
  tokenWith,
} from '../routes.ts';

/** Responses can get more fields within v1, but every current field is documented. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, closed(value)]),
  );
  return 'properties' in parts && !('additionalProperties' in parts)
    ? { ...parts, additionalProperties: false }
    : parts;
}

onStack((stack) => {
  let token: string;
  let things: Things;
  let document: { paths: Record<string, Record<string, { responses: Record<string, object> }>> };
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  beforeAll(async () => {
    token = await tokenWith(stack(), Object.keys(apiScopes));
    things = await sharedThings(stack());
    document = (await stack().get('/api/v1/openapi.json')).body;
    ajv.addSchema({ $id: 'writ:api', ...(closed(document) as object) });
  });

  /** The place of a response schema in the document; undefined without a body. */
  const validatorOf = (route: Route, status: number): ValidateFunction | undefined => {
    const method = route.method.toLowerCase();
    const answers = document.paths[`/api/v1${route.path}`]?.[method]?.responses;
    const answer = answers?.[status] as { $ref?: string; content?: object } | undefined;
    if (!answer) throw new Error(`${nameOf(route)} is not described to answer ${status}`);
    if (!answer.$ref && !answer.content) return undefined;
    const place =
      answer.$ref?.slice(1) ??
      pointer('paths', `/api/v1${route.path}`, method, 'responses', String(status));
    return ajv.getSchema(`writ:api#${place}${pointer('content', 'application/json', 'schema')}`);
  };

  const expectDescribed = (route: Route, { status, body, text }: Answer) => {
    const validate = validatorOf(route, status);
    if (!validate) {
      expect(text).toBe('');
      return;
    }
    validate(body);
    expect({ body, errors: validate.errors }).toEqual({ body, errors: null });
  };

  const as = async (route: Route) => ({
    authorization: `Bearer ${await tokenFor(stack(), route, token)}`,
  });

  describe.each(routes.map((route) => [nameOf(route), route] as const))('%s', (_name, route) => {
    test('responds as documented', async () => {
      const answer = await call(stack(), route, await thingsFor(stack(), route), await as(route));
      expect(answer.status).toBe(route.success);
      expectDescribed(route, answer);
    });

    test('fails as documented', async () => {
      const absent = Object.fromEntries(
        Object.keys(things).map((name) => [name, 'absent']),
      ) as unknown as Things;
      expectDescribed(route, await call(stack(), route, absent, {}));
      if (route.path.includes('{') && route.method !== 'PUT') {
        const answer = await call(stack(), route, absent, await as(route));
        expect(answer).toMatchObject({ status: 404, body: { error: 'not_found' } });
        expectDescribed(route, answer);
      }
    });
  });
});

/** A JSON Pointer in a URI fragment (RFC 6901 §6). */
const pointer = (...names: string[]): string =>
  names
    .map((name) => `/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
    .join('');
