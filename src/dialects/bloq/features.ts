import type { Feature } from '../framework/dialect.ts';

const by = (test: string): Feature['shown'] => ({ test, file: 'test/dialects/bloq.test.ts' });

/** The features of Bloq, and the tests that show them. */
export const bloqFeatures: readonly Feature[] = [
  {
    id: 'B1',
    feature: '`bcl login`: a session of twelve hours with the password of the account',
    shown: by(
      'bcl login gives a JWT of twelve hours whose audience has the manager that bcl looks for',
    ),
  },
  {
    id: 'B2',
    feature: 'Several pairs of client keys: create, list, remove',
    shown: by(
      'client keys have the format of Bloq, are created, listed without the secret, and removed with 204',
    ),
  },
  {
    id: 'B3',
    feature: 'The secret is shown once; `bcl` copies it and saves it where the person chooses',
    shown: by(
      'client keys have the format of Bloq, are created, listed without the secret, and removed with 204',
    ),
  },
  {
    id: 'B4',
    feature: '`bcl client-token` gets an access token and a refresh token',
    shown: by(
      'client keys are exchanged for an access token of one hour and a refresh token of one year',
    ),
  },
  {
    id: 'B5',
    feature: 'The same over REST with `grantType: clientCredentials`',
    shown: by(
      'client keys are exchanged for an access token of one hour and a refresh token of one year',
    ),
  },
  {
    id: 'B6',
    feature: 'Tokens are JWTs (access and account tokens; the refresh token is opaque, see above)',
    shown: by(
      'client keys are exchanged for an access token of one hour and a refresh token of one year',
    ),
  },
  {
    id: 'B7',
    feature: 'Access tokens of one hour, refresh tokens of one year that can be revoked',
    shown: by('a revoked, expired or invalid refresh token is refused with Bloq’s errors'),
  },
  {
    id: 'B8',
    feature: 'Refresh with `grantType: refreshToken`; the response contains only `accessToken`',
    shown: by('a refresh token is exchanged for an access token only, and stays valid'),
  },
  {
    id: 'B9',
    feature: 'A new access token from the client keys in place of a refresh',
    shown: by('the SDK gets tokens with its keys repeatedly, and older ones stay valid'),
  },
  {
    id: 'B10',
    feature: 'Client tokens give access to Nodes and Connect, but not to the account',
    shown: by(
      'client tokens give no access to the account, and account tokens also give access to Nodes and Connect',
    ),
  },
  {
    id: 'B11',
    feature:
      'A token can be shared: other programs need nothing else, and all can refresh at the same time',
    shown: by('twenty refreshes at once all succeed, each with a token of its own'),
  },
  {
    id: 'B12',
    feature:
      'The SDK renews in the background on a 401 whose body is `jwt expired` (`bcl` never renews)',
    shown: by('an expired token is refused with exactly the body that the SDK expects'),
  },
  {
    id: 'B13',
    feature: 'Profile, password and events: `bcl profile`, `update-password`, `events`',
    shown: by(
      'changing the password revokes all other logins and browser sessions, and keeps this login and the keys',
    ),
  },
  {
    id: 'B13 verify',
    feature: '`bcl verify`: `PUT /users/{user}/token/{uuid}`',
    shown: {
      not: 'Writ has no verification step. A person gets an invitation link and sets a password there; `bcl verify` can do neither.',
    },
  },
  {
    id: 'B13 signup',
    feature: '`bcl signup`: `POST /users`',
    shown: {
      not: '`bcl` 4.0.0 sends the text `[object Object]` instead of the data, so no server can process it. Accounts are created in Writ.',
    },
  },
  {
    id: 'B13 nodes',
    feature: '`bcl nodes` and `bcl clusters`: `/users/me/nodes` and more',
    shown: {
      not: 'These calls go to the Nodes service, which accepts tokens of Writ and is not part of it. `bcl conf services.prod.nodes.url` points there.',
    },
  },
  {
    id: 'B14',
    feature: 'JSON output with `-j`; `bcl logout` deletes the locally stored token',
    shown: by('the profile contains what bcl prints, without billing'),
  },
];
