/** The client that owns the operator's API key. It has no grants: it exists so that the key has an owner. */
export const operatorClientId = 'writ-operator';
export const operatorClientName = 'Operator';

/** The client of personal access tokens. It has no grants: people make its tokens on a page. */
export const personalClientId = 'writ-account';
export const personalClientName = 'Personal access tokens';

/** The client of the logins of Bloq's command line, which people begin with their password (`src/dialects/bloq`). */
export const bloqLoginClientId = 'writ-bloq';

/** The client of the device logins of Datasette's command line, which names none (`src/dialects/datasette`). */
export const datasetteDeviceClientId = 'writ-datasette';

/** The permission that a role must give a person who approves such a login. */
export const datasetteDevicePermission = 'oauth-device-tokens';

/** The permission that a role must give a person who registers clients (`domain/clients/registered-clients.ts`). */
export const clientRegistrationPermission = 'oauth-manage-clients';

/** Clients whose grants begin with a password in place of a page: they end with the sessions of their person. */
export const passwordLoginClientIds: readonly string[] = [bloqLoginClientId];

/** Prefix of client ids that people cannot choose. */
export const reservedClientIdPrefix = 'writ-';
