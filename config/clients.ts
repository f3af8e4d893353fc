/** The client that owns the operator's API key. It has no grants: it exists so that the key has an owner. */
export const operatorClientId = 'writ-operator';
export const operatorClientName = 'Operator';

/** The client of personal access tokens. It has no grants: people create its tokens on a page. */
export const personalClientId = 'writ-account';
export const personalClientName = 'Personal access tokens';

/** The client of `writ login`: device logins for Writ's own API, limited to what the person can do there. */
export const commandLineClientId = 'writ-cli';
export const commandLineClientName = 'Writ command line';

/** The client of `writ login` for other APIs: those for which people can create personal access tokens. */
export const commandLineApiClientId = 'writ-cli-api';
export const commandLineApiClientName = 'Writ command line (API access)';

/** The clients of the command line. Administrators can disable them. */
export const commandLineClientIds: readonly string[] = [
  commandLineClientId,
  commandLineApiClientId,
];

/** The client for logins of Bloq's command line, which start with a password (`src/dialects/bloq`). */
export const bloqLoginClientId = 'writ-bloq';

/** The client for device logins of Datasette's command line, which sends no client_id (`src/dialects/datasette`). */
export const datasetteDeviceClientId = 'writ-datasette';

/** The permission that a person needs to approve such a login. */
export const datasetteDevicePermission = 'oauth-device-tokens';

/** The permission that a person needs to register clients (`domain/clients/registered-clients.ts`). */
export const clientRegistrationPermission = 'oauth-manage-clients';

/** Clients whose grants start with a password, not on a page: they are revoked with the sessions of the person. */
export const passwordLoginClientIds: readonly string[] = [bloqLoginClientId];

/** The prefix of client IDs that are reserved for Writ. */
export const reservedClientIdPrefix = 'writ-';
