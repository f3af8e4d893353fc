import { expect, test } from '@jest/globals';
import spectralCore, { type RulesetDefinition } from '@stoplight/spectral-core';
import spectralRulesets from '@stoplight/spectral-rulesets';
import { apiScopes } from '../../../config/scopes.ts';
import { onStack } from '../../support/stacks.ts';
import { nameOf, type Route, routes } from '../routes.ts';

interface Described {
  tags: string[];
  operationId: string;
  summary: string;
  description: string;
  security: Record<string, string[]>[];
  responses: Record<string, { $ref?: string }>;
}

const openingOf = ({ scope, access }: Partial<Route> = {}) => {
  if (access === 'anyone') return { word: 'Authentication: none', needs: [], refusals: [] };
  if (access === 'self')
    return { word: 'Authentication: any active token', needs: [{ bearer: [] }], refusals: ['401'] };
  return {
    word: `Scope: \`${scope}\``,
    needs: [
      { bearer: [] },
      { oauth2: [scope] },
      ...(scope === 'revocations:read' || scope === 'signals:manage'
        ? [{ clientCredentials: [] }]
        : []),
    ],
    refusals: ['401', '403'],
  };
};

onStack((stack) => {
  const read = async () => (await stack().get('/api/v1/openapi.json')).body;

  const operationsOf = (document: { paths: Record<string, Record<string, Described>> }) =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({
        name: `${method.toUpperCase()} ${path.replace(/^\/api\/v1/, '')}`,
        ...described,
      })),
    );

  test('the document describes every route of the router, and nothing else', async () => {
    const names = operationsOf(await read()).map(({ name }) => name);
    expect(names.toSorted()).toEqual(routes.map(nameOf).toSorted());
  });

  test('Spectral’s rules for OpenAPI find no problem in the document', async () => {
    const spectral = new spectralCore.Spectral();
    // Its two packages disagree about the type of a rule set.
    spectral.setRuleset({ extends: [spectralRulesets.oas as unknown as RulesetDefinition] });
    expect(await spectral.run(JSON.stringify(await read()))).toEqual([]);
  });

  test('each operation documents its name, its effect, its scope and its errors', async () => {
    const operations = operationsOf(await read());
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length);
    for (const { name, tags, summary, description, security, responses } of operations) {
      const route = routes.find((each) => nameOf(each) === name);
      expect({ name, tags: tags.length }).toEqual({ name, tags: 1 });
      expect(summary).toMatch(/^[A-Z].*[^.]$/);
      const { word, needs, refusals } = openingOf(route);
      expect({ name, description }).toEqual({ name, description: expect.stringContaining(word) });
      expect({ name, security }).toEqual({ name, security: needs });
      const statuses = Object.keys(responses);
      expect(statuses).toContain(String(route?.success));
      expect(statuses).toEqual(expect.arrayContaining([...refusals, '500', '503']));
      if (route?.path.includes('{')) expect(statuses).toContain('404');
      if (route?.body) expect(statuses).toEqual(expect.arrayContaining(['400', '413', '415']));
    }
  });

  test('errors have one schema', async () => {
    const { components } = await read();
    const { Error: _error, ...others } = components.schemas;
    expect(JSON.stringify(others)).not.toContain('error_description');
    for (const answer of Object.values(components.responses) as { content: object }[])
      expect(answer.content).toEqual({
        'application/json': { schema: { $ref: '#/components/schemas/Error' } },
      });
  });

  test('the document names this server, its token endpoint, and every scope', async () => {
    const { servers, components } = await read();
    const { issuer } = stack();
    expect(servers).toMatchObject([{ url: issuer }]);
    expect(components.securitySchemes.oauth2.flows.clientCredentials).toEqual({
      tokenUrl: `${issuer}/connect/token`,
      scopes: apiScopes,
    });
  });

  test('anyone can read the document and cache it, and an unchanged one is not sent again', async () => {
    const { status, headers } = await stack().get('/api/v1/openapi.json');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    const tag = headers.get('etag') ?? '';
    const again = await stack().get('/api/v1/openapi.json', { 'if-none-match': tag });
    expect(again).toMatchObject({ status: 304, text: '' });
    expect((await stack().request('POST', '/api/v1/openapi.json')).status).toBe(405);
  });
});
