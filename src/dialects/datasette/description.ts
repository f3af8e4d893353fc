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

/** The static description of the dialect. */
export const datasette: DialectDescription = {
  name: 'datasette',
  title: 'Datasette',
  resource: {
    identifier: datasetteResource,
    name: 'Datasette',
    scopes: [{ name: unrestrictedScope, description: 'Do everything that you can do yourself' }],
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
    set: `\`DIALECTS=datasette\`, and \`DATASETTE_DEVICE_FLOW=on\` if the database is not the embedded one. Give people who approve logins a role with the permission \`${datasetteDevicePermission}\`; administrators have it. Your Datasette introspects tokens as a client with \`--resource-server-for ${datasetteResource}\`, with a short plugin: [this one](../test/dialects/datasette-plugins/writ.py) is tested.`,
    point:
      '`dclient login https://datasette.example/`, if your proxy forwards `/-/oauth/` and `/-/actor.json` to Writ. Without that, `dclient login --token-only https://writ.example/`, and `dclient auth add` for the address of your Datasette.',
    differs: [
      'Tokens are listed on `/account/devices` with their permissions and last use, and can be revoked there.',
      'A token has either the scope `unrestricted`, or no scope and `authorization_details`: `datasette_instance`, `datasette_database` and `datasette_table`, with the names percent-encoded in `identifier` (`db1/dogs`) and the `actions` exactly as they were requested. More than 50 details or 8 kB of them are an invalid scope, and so is a detail that no scope can express, such as one without actions.',
      'The lifetime starts with the approval and is at most 30 days. `writ clients update writ-datasette --device-lifetime …` removes choices.',
      'A device that lost the response gets the same one again for 30 seconds. After that its code is `invalid_grant`, and using the code again revokes the token.',
      'In Datasette, the root user cannot approve logins unless it is configured; in Writ, administrators can.',
      'A role grants the permission `oauth-manage-clients` (`writ roles set registrars --permission oauth-manage-clients`); administrators have it. Registering a client requires a sign-in within the last hour.',
      'Registered clients are clients of Writ, and people also see them at `/account/clients`. Their secrets begin with `writ_cs_`, and their redirect URIs follow Writ’s rules.',
      `The token of the code flow expires after ${datasetteTokenTtl / 86_400} days, or after the client’s \`access_token_ttl\`; then the person signs in again.`,
      'The redirect to the client contains `iss`, and for an error `error_description`; clients ignore parameters that they do not know.',
      'A client can repeat the request for a token within 30 seconds, so it can retry after a lost response. Any other use of the same code is `invalid_grant` and revokes the token. A `code_challenge` is enforced.',
      'The code flow refuses a request without a scope: only the device flow issues unrestricted tokens.',
    ],
  },
};
