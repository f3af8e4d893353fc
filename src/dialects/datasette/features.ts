import type { Feature } from '../framework/dialect.ts';

const by = (test: string): Feature['shown'] => ({ test, file: 'test/dialects/datasette.test.ts' });
const byDclient = (test: string): Feature['shown'] => ({
  test,
  file: 'test/dialects/datasette-dclient.test.ts',
});

const byClients = (test: string): Feature['shown'] => ({
  test,
  file: 'test/dialects/datasette-clients.test.ts',
});

/** The features of Datasette, and the tests that show them. */
export const datasetteFeatures: readonly Feature[] = [
  {
    id: 'D1',
    feature:
      '`dclient login`: shows an address and a code, a person approves in a browser, the token is saved',
    shown: byDclient(
      'dclient login shows an address and a code, a person approves there in a browser, and the token is saved',
    ),
  },
  {
    id: 'D2',
    feature: 'Login by address, by alias, or at a prompt',
    shown: byDclient(
      'dclient login takes an alias, or asks for the address, and saves the token under what was typed',
    ),
  },
  {
    id: 'D3',
    feature: 'A token is unrestricted by default',
    shown: byDclient('a token of dclient login is unrestricted unless an option limits it'),
  },
  {
    id: 'D4',
    feature: '`--read-all` and `--write-all`',
    shown: byDclient('the options of dclient login give exactly their scopes'),
  },
  {
    id: 'D5',
    feature:
      '`--read` and `--write` for a database or a table, any number of them; write includes read',
    shown: byDclient('the options of dclient login give exactly their scopes'),
  },
  {
    id: 'D6',
    feature: '`--scope` with JSON, together with all other options',
    shown: byDclient('the options of dclient login give exactly their scopes'),
  },
  {
    id: 'D7',
    feature: '`--token-only` prints the token and saves nothing',
    shown: byDclient('--token-only prints the token and saves nothing'),
  },
  {
    id: 'D8',
    feature: '`--token` with any command',
    shown: byDclient(
      'dclient uses the token of the option, else of the alias, of the longest address, of the environment',
    ),
  },
  {
    id: 'D9',
    feature: '`auth add` for an alias or an address',
    shown: byDclient(
      'auth status and actor show who a token belongs to; auth add, list and remove keep it under an alias or an address',
    ),
  },
  {
    id: 'D10',
    feature: '`auth list` and `auth remove`',
    shown: byDclient(
      'auth status and actor show who a token belongs to; auth add, list and remove keep it under an alias or an address',
    ),
  },
  {
    id: 'D11',
    feature: 'Which token is used: the option, the alias, the address, `DATASETTE_TOKEN`',
    shown: byDclient(
      'dclient uses the token of the option, else of the alias, of the longest address, of the environment',
    ),
  },
  {
    id: 'D12',
    feature: '`auth status` and `actor`, from `/-/actor.json`',
    shown: byDclient(
      'auth status and actor show who a token belongs to; auth add, list and remove keep it under an alias or an address',
    ),
  },
  {
    id: 'D13',
    feature: 'Scopes are enforced for the instance, a database and a table',
    shown: byDclient(
      'a token permits exactly its scopes, for the instance, a database and a table',
    ),
  },
  {
    id: 'D14',
    feature: 'The device flow can be switched off',
    shown: by(
      'if the device flow is off, no code is issued, no page is shown and no login can be approved',
    ),
  },
  {
    id: 'D15',
    feature: 'The person sees the requested scopes, and warnings about full access and phishing',
    shown: by(
      'the page is at Datasette’s path, has the code in capitals, and describes the requested scopes in sentences',
    ),
  },
  {
    id: 'D16',
    feature: 'The person can deny',
    shown: byDclient('dclient reports that a person denied, and that a code has expired'),
  },
  {
    id: 'D17',
    feature: 'The person chooses how long the token lives: 15 minutes to 30 days',
    shown: by(
      'a token lives an hour by default, or one of the six lifetimes that a person can choose',
    ),
  },
  {
    id: 'D18',
    feature: 'Codes work once, for 15 minutes',
    shown: by(
      'a code gives one token: a repeated request gets the same one for a short time, and never a second',
    ),
  },
  {
    id: 'D19',
    feature: 'The permissions `oauth-device-tokens` and `oauth-manage-clients`',
    shown: by(
      'only people with the permission oauth-device-tokens, and administrators, can approve',
    ),
  },
  {
    id: 'D20',
    feature: 'A token can neither approve nor create tokens',
    shown: by('a token gives no access to the page, cannot approve, and is not a session'),
  },
  {
    id: 'D21',
    feature: 'Authorization code flow of registered clients; the person can untick single scopes',
    shown: byClients(
      'a person unticks single scopes; the token has the others, is listed, and is revoked with the client',
    ),
  },
  {
    id: 'D22',
    feature: 'Registered clients: create, edit, delete',
    shown: byClients(
      'a registered client is created with its secret shown once, listed, changed and deleted',
    ),
  },
];
