/** Members with this role can do everything with an app. It always has at least one. */
export const ownerRole = 'Owner';

/** The first client of a new app, and its role: the narrowest, until the Owner changes it. */
export const firstClientName = 'default';
export const firstClientRole = 'Reader';

/** Names that no app can have: they are paths of pages, or could impersonate Writ. */
export const reservedAppNames = ['new', 'invitations', 'writ', 'admin', 'api', 'app', 'apps'];

/** The maximum per app or per person. */
export const appLimits = {
  appsOfAnOwner: 50,
  /** Apps that one person creates in 24 hours, including deleted ones: their names stay taken. */
  appsMadeInADay: 50,
  clients: 100,
  /** Including deleted ones, whose rows stay. */
  clientsEver: 1_000,
  members: 500,
  invitations: 100,
  customRoles: 50,
  permissionsOfARole: 50,
  /** Names in all permissions of a role: comparing two roles takes the product of their numbers. */
  namesOfARole: 300,
  redirectUris: 20,
  /** Characters, as people count them, of the name of an app or a client; the next is for the description of a role. */
  displayName: 100,
  description: 200,
  /** Active secrets of a client: the one in use, and the one that replaces it. */
  secrets: 2,
} as const;

/** The policy for apps of a resource that is open to apps without further options. */
export const defaultAppPolicy = { longestAccessTokenTtl: 30 * 86_400 } as const;

/** The lifetime of an invitation to an app, in seconds. */
export const appInvitationLifetime = 14 * 86_400;

/** Days for which the numbers of issued tokens are kept and shown. */
export const usageDays = { kept: 90, shown: 30 } as const;

/** The lifetime of a trial token from the page of a client, in seconds. */
export const trialTokenTtl = 60 * 60;

/** The role of an Owner who hands an app over and stays. */
export const formerOwnerRole = 'Developer';

/** The lifetimes of a device login of an app that a person can choose, in seconds; the first is the default. */
export const appDeviceLifetimes = [365 * 86_400, 30 * 86_400, 86_400];
