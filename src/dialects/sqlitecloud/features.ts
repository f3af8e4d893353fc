import type { Feature } from '../framework/dialect.ts';

const file = 'test/dialects/sqlitecloud.test.ts';
const example = 'test/examples/google-login.test.ts';

/** The features of SQLite Cloud, and the tests that show them. */
export const sqlitecloudFeatures: readonly Feature[] = [
  {
    id: 'L1',
    feature: 'Create a token for a user, device or tenant, with a name',
    shown: {
      test: 'a backend creates a token for its own user, and gets the body of SQLite Cloud',
      file,
    },
  },
  {
    id: 'L2',
    feature: 'Expiry of a token, or never',
    shown: {
      test: 'a token expires at the time that its backend sends, in either format, and never without one or with null',
      file,
    },
  },
  {
    id: 'L3',
    feature: 'Inspect a token, with the token itself or an API key',
    shown: {
      test: 'a token is inspected with itself and with an API key, and its value is never returned again',
      file,
    },
  },
  {
    id: 'L4',
    feature: 'Validate a token: 204 or 401',
    shown: {
      test: 'a valid key or token gets 204 without a body; one that expired, is unknown or is for another API gets 401',
      file,
    },
  },
  {
    id: 'L5',
    feature: 'Update the name and the expiry of a token',
    shown: {
      test: 'a token gets another name and expiry, or none, with the same value',
      file,
    },
  },
  {
    id: 'L6',
    feature: 'Revoke a token immediately, also with the token itself',
    shown: {
      test: 'a token that a key or the token itself revoked is refused immediately',
      file,
    },
  },
  {
    id: 'L7',
    feature: 'List the tokens of a user',
    shown: {
      test: 'the tokens of a user that have not expired are listed, with numbers with which they can be changed and revoked',
      file,
    },
  },
  {
    id: 'L8',
    feature: 'Attributes for policies',
    shown: {
      test: 'attributes are an object or its JSON in a string, and come back as an object',
      file,
    },
  },
  {
    id: 'L9',
    feature: 'The value of a token is shown once',
    shown: {
      test: 'a token is inspected with itself and with an API key, and its value is never returned again',
      file,
    },
  },
  {
    id: 'L10',
    feature: 'Authentication with an API key or an access token',
    shown: { test: 'API keys and tokens are accepted in all forms', file },
  },
  {
    id: 'L11',
    feature: 'A token works on Weblite SQL, SQLite Sync and the drivers',
    shown: {
      test: 'a token and an API key survive the connection string and the commands of the driver',
      file,
    },
  },
  {
    id: 'L12',
    feature: 'Results depend on row-level security: `auth_userid()`, `auth_json()`',
    shown: {
      test: 'the rows that a person reads are those that the policies let through',
      file: example,
    },
  },
  {
    id: 'L13',
    feature: 'Example app with Google login',
    shown: {
      test: 'a person signs in with Google and reads data with a token of Writ',
      file: example,
    },
  },
  {
    id: 'L14',
    feature: 'API reference in the Dashboard',
    shown: {
      not: 'Writ has no Dashboard of databases. The reference is [a page of these documents](sqlitecloud.md), which needs no login.',
    },
  },
  {
    id: 'L15',
    feature: 'API keys: name, expiry, regenerate, rename, delete, list',
    shown: {
      test: 'an API key is created, listed, renamed, given another expiry, regenerated and deleted, and the old value is revoked immediately',
      file,
    },
  },
];
