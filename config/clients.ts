/** The client that owns the operator's API key. It has no grants: it exists so that the key has an owner. */
export const operatorClientId = 'writ-operator';

/** Prefix of client ids that people cannot choose. */
export const reservedClientIdPrefix = 'writ-';
