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
    set: `\`DIALECTS=datasette\`, and \`DATASETTE_DEVICE_FLOW=on\` where the database is not the embedded one. Give the people who may approve logins a role with the permission \`${datasetteDevicePermission}\`; administrators have it. Your Datasette introspects tokens as a client with \`--resource-server-for ${datasetteResource}\`, by a short plugin: [this one](../test/dialects/datasette-plugins/writ.py) is tested.`,
    point:
      '`dclient login https://datasette.example/`, where your proxy hands `/-/oauth/` and `/-/actor.json` on to Writ. Without that, `dclient login --token-only https://writ.example/`, and `dclient auth add` for the address of your Datasette.',
    differs: [
      'Tokens are listed on `/account/devices` with what they may do and when they were last used, and can be revoked.',
      'A token has either the scope `unrestricted`, or no scope and `authorization_details`: `datasette_instance`, `datasette_database` and `datasette_table`, with the names percent-encoded in `identifier` (`db1/dogs`) and the `actions` exactly as they were requested. More than 50 places or 8 kB of them are an invalid scope, and so is a detail that no scope stands for, such as one without actions.',
      'A lifetime counts from the approval and is 30 days at most. `writ clients update writ-datasette --device-lifetime …` takes choices away.',
      'A device that lost the answer gets the same one again for 30 seconds. After that its code is `invalid_grant`, and using the code again revokes the token.',
      'The root user of Datasette may not approve unless its configuration says so; an administrator of Writ may.',
      'A role gives the permission `oauth-manage-clients` (`writ roles set registrars --permission oauth-manage-clients`); administrators have it. Registering a client requires a sign-in within the last hour.',
      'Registered clients are clients of Writ, and people also see them at `/account/clients`. Their secrets begin with `writ_cs_`, and their redirect URIs follow Writ’s rules.',
      `The token of the code flow expires after ${datasetteTokenTtl / 86_400} days, or after the client’s \`access_token_ttl\`; then the person logs in again.`,
      'The redirect to the client has `iss`, and `error_description` with an error; clients that do not know them ignore them.',
      'A client can repeat the request for a token within 30 seconds, so it can retry after a lost response. Any other use of the same code is `invalid_grant` and revokes the token. A `code_challenge` is honoured.',
      'The code flow refuses a request without a scope: only the device login gives unrestricted tokens.',
    ],
  },
};
