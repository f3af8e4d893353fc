/** The first administrator, unless `writ setup` names another. The address need not receive email: it is a name to sign in with. */
export const firstAdministrator = { name: 'Administrator', email: 'admin@localhost' };
