/** The client that owns the operator's API key. It has no grants: it exists so that the key has an owner. */
export const operatorClientId = 'writ-operator';
export const operatorClientName = 'Operator';

/** The client of personal access tokens. It has no grants: people make its tokens on a page. */
export const personalClientId = 'writ-account';
export const personalClientName = 'Personal access tokens';

/** Prefix of client ids that people cannot choose. */
export const reservedClientIdPrefix = 'writ-';
