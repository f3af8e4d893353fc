/** Who has this role may do everything with an app; it always has one. */
export const ownerRole = 'Owner';

/** The client that a new app begins with, and its role: the least, until its owner gives it a wider one. */
export const firstClientName = 'default';
export const firstClientRole = 'Reader';

/** Names that no app can have: they are addresses of pages, or would look like us. */
export const reservedAppNames = ['new', 'invitations', 'writ', 'admin', 'api', 'app', 'apps'];

/** So much can be in one app, or in the hands of one person. */
export const appLimits = {
  appsOfAnOwner: 50,
  /** That one person makes in 24 hours, those deleted since included: their names are used up. */
  appsMadeInADay: 50,
  clients: 100,
  /** That were ever made in an app, deleted ones included: their rows stay. */
  clientsEver: 1_000,
  members: 500,
  invitations: 100,
  customRoles: 50,
  permissionsOfARole: 50,
  /** Names in all permissions of a role: whoever compares two roles looks at each of one for each of the other. */
  namesOfARole: 300,
  redirectUris: 20,
  /** Characters, as people count them, of what an app or a client is called, and of what a role is for. */
  displayName: 100,
  description: 200,
  /** Secrets of a client that are alive at a time: the one in use, and the one that takes its place. */
  secrets: 2,
} as const;

/** What a resource lets clients of apps have, where its administrator says no more than that it does. */
export const defaultAppPolicy = { longestAccessTokenTtl: 30 * 86_400 } as const;

/** How long an invitation to an app is good, in seconds. */
export const appInvitationLifetime = 14 * 86_400;

/** Days of which the numbers of issued tokens are kept, and shown. */
export const usageDays = { kept: 90, shown: 30 } as const;

/** Seconds that a token lives which a developer gets on the page of a client, to try it. */
export const trialTokenTtl = 60 * 60;

/** What an Owner becomes who hands an app over and stays. */
export const formerOwnerRole = 'Developer';

/** Seconds that a login on a device of an app may last, of which the person chooses; the first is the default. */
export const appDeviceLifetimes = [365 * 86_400, 30 * 86_400, 86_400];
