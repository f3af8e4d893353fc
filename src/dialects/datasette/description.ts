import { datasetteDeviceClientId, datasetteDevicePermission } from '../../../config/clients.ts';
import type { DialectDescription } from '../framework/dialect.ts';
import { datasetteFeatures } from './features.ts';
import {
  datasetteResource,
  datasetteTokenTtl,
  deviceLifetimes,
  unrestrictedScope,
} from './resource.ts';
import { datasetteRoutes } from './routes.ts';
import { detailTypes, isDetail } from './scopes.ts';
import { describeDetails } from './sentences.ts';

/** What is known of the dialect without a server. */
export const datasette: DialectDescription = {
  name: 'datasette',
  title: 'Datasette',
  resource: {
    identifier: datasetteResource,
    name: 'Datasette',
    scopes: [{ name: unrestrictedScope, description: 'Do everything that you may do yourself' }],
    tokenFormat: 'opaque',
    signingAlg: 'ES256',
    accessTokenTtl: datasetteTokenTtl,
    isDefault: false,
    appPolicy: null,
    detailsTypes: detailTypes.map((type) => ({
      type,
      description: {
        datasette_instance: 'Actions everywhere',
        datasette_database: 'Actions in a database: its name, percent-encoded',
        datasette_table: 'Actions on a table: database/table, each percent-encoded',
      }[type],
      // Plugins have actions of their own.
      actions: [],
    })),
  },
  client: {
    clientId: datasetteDeviceClientId,
    name: 'Datasette command line',
    accessTokenTtl: datasetteTokenTtl,
    deviceLifetimes,
  },
  routes: datasetteRoutes,
  features: datasetteFeatures,
  describeDetail: (detail) => (isDetail(detail) ? describeDetails([detail]).join('; ') : undefined),
  isDetail,
  moving: {
    set: `\`DIALECTS=datasette\`, and \`DATASETTE_DEVICE_FLOW=on\` where the database is not the embedded one. Give the people who may approve logins a role with the permission \`${datasetteDevicePermission}\`; administrators have it. Your Datasette introspects tokens as a client with \`--resource-server-for ${datasetteResource}\`, by a plugin of some thirty lines: [this one](../test/dialects/datasette-plugins/writ.py) is tested.`,
    point:
      '`dclient login https://datasette.example/`, where your proxy hands `/-/oauth/` and `/-/actor.json` on to Writ. Without that, `dclient login --token-only https://writ.example/`, and `dclient auth add` for the address of your Datasette.',
    differs:
      'Tokens are listed on `/account/devices` with what they may do and when they were last used, and can be revoked. A token has the scope `unrestricted`, or no scope and `authorization_details` in its place: `datasette_instance`, `datasette_database` and `datasette_table`, with the names percent-encoded in `identifier` (`db1/dogs`) and the `actions` in their order and as often as they were asked for. More than 50 places or 8 kB of them are an invalid scope, and so is a detail that no scope stands for: one without actions, or with an empty name. The 30 days are the longest; `writ clients update writ-datasette --device-lifetime …` takes choices away. A lifetime counts from the approval. A device that lost the answer gets the same one again for half a minute; after that its code is `invalid_grant`, and trying it ends the login. The root of Datasette may not approve unless its configuration says so; an administrator of Writ may.' +
      ` The permission \`oauth-manage-clients\` is one that a role gives (\`writ roles set registrars --permission oauth-manage-clients\`); administrators have it. Registered clients are clients of Writ, which people see under /account/clients as well: their secrets begin with \`writ_cs_\`, their redirect URIs are those that Writ lets clients have, and to register one takes a sign-in of the last hour. The token of a code does not live for ever: it ends after ${datasetteTokenTtl / 86_400} days, or when the client’s \`access_token_ttl\` says, and the client then sends its person here once more. The way back to the client has \`iss\`, and \`error_description\` with an error, which clients ignore that do not know them. The same request for a code gets the same token for 30 seconds, so that a lost answer loses nobody a login; any other, or a later one, is \`invalid_grant\` and ends the token. A \`code_challenge\` is honoured. A request without any scope is refused: unrestricted tokens are for devices.`,
  },
};
