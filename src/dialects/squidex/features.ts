import type { Feature } from '../framework/dialect.ts';

const file = 'test/dialects/squidex.test.ts';
const shown = (test: string, where = file) => ({ test, file: where });

/** The features of Squidex, and the tests that show them. */
export const squidexFeatures: readonly Feature[] = [
  {
    id: 'Q1',
    feature: 'OpenID Connect and OAuth 2.0 under `/identity-server`, with discovery',
    shown: shown('discovery contains the endpoints of the product, and the issuer is the root'),
  },
  {
    id: 'Q2',
    feature: 'Access needs a client; a new app has one called `default`',
    shown: shown(
      'an app is created with a client default whose secret works, and is listed for its members and clients',
    ),
  },
  {
    id: 'Q3',
    feature: 'A role for each client, built-in or custom, limits what it reads and updates',
    shown: shown(
      'a client is limited to its role and its own app, and a revoked token gives no access',
    ),
  },
  {
    id: 'Q4',
    feature: 'Client id and secret give no access to an API: they are exchanged for a token',
    shown: shown('a client id and a secret give no access to an API by themselves'),
  },
  {
    id: 'Q5',
    feature: '`POST /identity-server/connect/token` with `scope=squidex-api`',
    shown: shown('a client of an app gets a token of 30 days with the requested scope'),
  },
  {
    id: 'Q6',
    feature: 'A token is valid for 30 days',
    shown: shown('a client of an app gets a token of 30 days with the requested scope'),
  },
  {
    id: 'Q7',
    feature: 'A token can be revoked earlier; the client then gets another one',
    shown: shown('a client whose first call gets 401 replaces its revoked token'),
  },
  {
    id: 'Q8',
    feature: 'Many tokens at once, for any number of servers',
    shown: shown('200 tokens are active at the same time, and none revokes another'),
  },
  {
    id: 'Q9',
    feature: 'Clients in mobile apps and web pages, with minimal permissions',
    shown: shown(
      'an authorization request redirects to sign-in, and userinfo refuses tokens that do not belong to a person',
    ),
  },
  {
    id: 'Q10',
    feature: 'Rename and revoke a client',
    shown: shown(
      'an Owner client lists, creates, changes and deletes clients, and gets the whole list',
    ),
  },
  {
    id: 'Q11',
    feature: 'A page that shows how to connect (curl, SDK) and creates a test token',
    shown: shown(
      'gets a token by openid-client, with the lines of .env',
      'test/web/apps/connect.test.ts',
    ),
  },
  {
    id: 'Q12',
    feature: 'Limits on the calls and traffic of each client',
    shown: shown(
      'counts the calls and bytes of each client, refuses calls beyond its limits, and reports to Writ',
    ),
  },
  {
    id: 'Q13',
    feature: 'An anonymous client of an app',
    shown: shown(
      'treats requests without credentials as the anonymous client of an app, if it has one',
    ),
  },
  {
    id: 'Q14',
    feature: 'The secret is generated, and a client never expires',
    shown: shown(
      'an Owner client lists, creates, changes and deletes clients, and gets the whole list',
    ),
  },
  {
    id: 'Q15',
    feature: 'Changing the role of a client or deleting it affects its tokens immediately',
    shown: shown('admits a client with its current role, and no longer once it is deleted'),
  },
  {
    id: 'Q16',
    feature: 'API keys for users: `ApiKey` and `X-ApiKey` headers, `?api_key=`',
    shown: shown('accepts the API key of a user in each form, for its app only'),
  },
];
