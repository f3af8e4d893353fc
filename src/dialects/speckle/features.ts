import type { Feature } from '../framework/dialect.ts';

const by = (test: string): Feature['shown'] => ({
  test,
  file: 'test/dialects/speckle.test.ts',
});

const byApps = (subject: 'consent' | 'lists' | 'tokens', test: string): Feature['shown'] => ({
  test,
  file: `test/dialects/speckle-apps/${subject}.ts`,
});

/** The features of Speckle, and the tests that show them. */
export const speckleFeatures: readonly Feature[] = [
  {
    id: 'K1',
    feature: 'A page lists all personal access tokens of its owner',
    shown: by(
      'a person creates a token on the page, which lists all of theirs, with Speckle’s scopes in sentences',
    ),
  },
  {
    id: 'K2',
    feature: 'A token is created with a name and scopes',
    shown: by(
      'a person creates a token on the page, which lists all of theirs, with Speckle’s scopes in sentences',
    ),
  },
  {
    id: 'K3',
    feature: 'The full token is shown once',
    shown: by(
      'a person creates a token on the page, which lists all of theirs, with Speckle’s scopes in sentences',
    ),
  },
  {
    id: 'K4',
    feature: '`Authorization: Bearer` on the API',
    shown: by(
      'the request of Speckle’s documents is answered with and without Bearer, and says who keeps the streams',
    ),
  },
  {
    id: 'K5',
    feature: 'A token with `streams:read` only cannot write',
    shown: by(
      'a token with streams:read reads and does not write, and one without it does not read',
    ),
  },
  {
    id: 'K6',
    feature: 'A token acts on behalf of its owner: streams, commits, profiles',
    shown: by(
      'a token acts as its owner: it reads, creates and shares streams, commits, and reads profiles',
    ),
  },
  {
    id: 'K7',
    feature: 'A revoked token is disabled immediately',
    shown: by('a revoked token is disabled immediately, by its value, with Bearer, and by its id'),
  },
  {
    id: 'K8',
    feature: 'The advice to treat a token like a password',
    shown: by(
      'a person creates a token on the page, which lists all of theirs, with Speckle’s scopes in sentences',
    ),
  },
  {
    id: 'K9',
    feature: 'A lifetime that is set at creation',
    shown: by('a lifetime longer than Writ allows is cut, and the answer says so'),
  },
  {
    id: 'K10',
    feature: 'The list has name, last characters, scopes, creation, lifetime and last use',
    shown: by(
      'the list has name, last characters, scopes, creation, lifetime and last use, and no value',
    ),
  },
  {
    id: 'K11',
    feature: 'No personal access token has `tokens:write`, or more than its creator',
    shown: by('no token has tokens:write, or more than the token that creates it'),
  },
  {
    id: 'K12',
    feature: 'A token limited to projects or workspaces',
    shown: by(
      'a token that is limited to a project gives access to that project only, also as an embed token in a URL',
    ),
  },
  {
    id: 'K13',
    feature: 'Third-party apps: registration, consent, denial, code exchange, refresh',
    shown: byApps(
      'consent',
      'an app sends a person to its page, who allows it, and gets a token and a refresh token for its code',
    ),
  },
  {
    id: 'K14',
    feature: 'The list of authorized apps, and their revocation',
    shown: byApps(
      'lists',
      'a person lists the apps that they authorized, and revokes one with all of its tokens',
    ),
  },
  {
    id: 'K15',
    feature: 'Logging out revokes the tokens',
    shown: byApps(
      'tokens',
      'logging out revokes the token and the refresh token, and can be repeated',
    ),
  },
  {
    id: 'K16',
    feature: 'Embed tokens',
    shown: by(
      'an embed token reads one project, works in a URL, and is revoked separately or with its project',
    ),
  },
  {
    id: 'K17',
    feature: 'The scopes with their descriptions',
    shown: by('serverInfo lists the scopes of Speckle with their descriptions to a stranger'),
  },
];
