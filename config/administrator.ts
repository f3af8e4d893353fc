/** Who administers an installation that was told nothing else. The address need not receive mail: it is a name to sign in with. */
export const firstAdministrator = { name: 'Administrator', email: 'admin@localhost' };
