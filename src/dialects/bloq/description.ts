import { bloqLoginClientId } from '../../../config/clients.ts';
import type { DialectDescription } from '../framework/dialect.ts';
import { accountTokenTtl, bloqResource, clientTokenTtl } from './constants.ts';
import { bloqFeatures } from './features.ts';
import { bloqRoutes } from './routes.ts';

/** The static description of the dialect. */
export const bloq: DialectDescription = {
  name: 'bloq',
  title: 'Bloq',
  resource: {
    identifier: bloqResource,
    name: 'Bloq Nodes and Connect',
    scopes: [],
    tokenFormat: 'jwt',
    // The services behind it verify JWTs with older libraries, all of which support this algorithm.
    signingAlg: 'RS256',
    accessTokenTtl: clientTokenTtl.access,
    isDefault: false,
    appPolicy: null,
  },
  client: {
    clientId: bloqLoginClientId,
    name: 'Bloq command line',
    accessTokenTtl: accountTokenTtl,
  },
  routes: bloqRoutes,
  features: bloqFeatures,
  moving: {
    set: `\`DIALECTS=bloq\`, and an account with an email address and a password for each person. The services behind Connect and Nodes introspect tokens as a client with \`--resource-server-for ${bloqResource}\`, or verify them by the JWK Set. They respond 401 with the body \`jwt expired\` to a token that is not active; the SDK then gets another.`,
    point:
      '`bcl conf services.prod.accounts.url https://writ.example`, and the SDK at `auth({ clientId, clientSecret, url })`. People run `bcl client-keys create` again, because only Bloq knows the old keys.',
    differs: [
      'The refresh token is opaque (`writ_rt_…`), so that no service that verifies JWTs offline accepts a token of one year as an access token. No client of Bloq parses it. It can be revoked at `/connect/revocation` with its client keys, or together with all tokens of the keys at `/account/devices`. An access token issued for it stays valid for its hour unless the keys or their tokens are revoked.',
      'An account token can create client keys for all of its twelve hours, because `bcl` needs this. Writ’s pages require a sign-in within the last hour before they show a credential.',
      'Changing the password revokes all other account tokens; signing out everywhere revokes all of them. A revoked token is also refused with `jwt expired`.',
      '`verifiedAt` is when the account was created, and there is no billing address. `bcl signup`, `bcl verify` and the Nodes service are not part of Writ: see the features.',
    ],
  },
};
