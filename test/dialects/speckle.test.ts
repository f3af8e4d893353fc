import { expect, test } from '@jest/globals';
import { speckleScopes } from '../../src/dialects/speckle/scopes.ts';
import type { Answer } from '../support/http.ts';
import { onStack } from '../support/stacks.ts';

onStack(
  (stack) => {
    const graphql = (query: string, token?: string, variables?: object): Promise<Answer> =>
      stack().request('POST', '/graphql', {
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
      });

    test('serverInfo lists the scopes of Speckle with their descriptions to a stranger', async () => {
      const { status, body } = await graphql('{ serverInfo { scopes { name description } } }');
      expect([status, body]).toEqual([200, { data: { serverInfo: { scopes: speckleScopes } } }]);
    });

    test('a token that is not active is refused as Speckle refuses it, also without Bearer', async () => {
      for (const authorization of ['Bearer writ_pat_none', 'writ_pat_none']) {
        const { status, text } = await stack().request('POST', '/graphql', {
          headers: { 'content-type': 'application/json', authorization },
          body: JSON.stringify({ query: '{ serverInfo { name } }' }),
        });
        expect([status, text]).toEqual([403, '{"error":"Your token is not valid."}']);
      }
    });
  },
  { DIALECTS: 'speckle' },
);
