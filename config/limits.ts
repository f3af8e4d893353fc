/**
 * How often callers that have not said who they are may call, and how often what they present may be
 * wrong. Each limit counts by itself, from the first call that it counts, and starts anew when its
 * seconds are over. LIMITS in config/settings.ts changes the numbers. How often a person may be wrong at
 * signing in is in config/attempts.ts; what an app may hold, in config/apps.ts.
 */
export interface RequestLimit {
  /** How many calls within the seconds. */
  points: number;
  seconds: number;
  /** What is counted together: a network is an IPv4 address, or the /64 of an IPv6 address. */
  by: 'network' | 'client' | 'client and network' | 'account';
  /** Every call, or only those whose credentials were refused: what is right is never refused by these. */
  counts: 'calls' | 'refusals';
  /** Counted by all processes together (Redis, or Postgres), or by each process in its memory, which costs no store. */
  counted: 'together' | 'by process';
  /** Of a limit by client: so many calls a network has within the seconds, whatever the others of the client do. */
  share?: number;
  meaning: string;
}

const limit = <Given extends RequestLimit>(given: Given): RequestLimit => given;

/**
 * The limits by their names in LIMITS and in the `RateLimit` fields. Generous to many machines behind one
 * address; small enough that what one network can leave in a store stays below some tens of megabytes.
 */
export const requestLimits = {
  'authorization.network': limit({
    points: 1200,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'together',
    meaning: 'Authorization requests (RFC 6749 §4.1.1), and their way back from the consent page.',
  }),
  'authorization.account': limit({
    points: 300,
    seconds: 60 * 60,
    by: 'account',
    counts: 'calls',
    counted: 'together',
    meaning:
      'Authorization requests of one person who is signed in: from then on a request is stored until it is answered, for an hour at most.',
  }),
  'device_authorization.network': limit({
    points: 120,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'together',
    meaning: 'Device authorization requests (RFC 8628 §3.1), each of which keeps a code.',
  }),
  'device_authorization.client': limit({
    points: 1200,
    seconds: 60,
    by: 'client',
    counts: 'calls',
    counted: 'together',
    share: 5,
    meaning:
      'Device codes of one client. The id of a public client is no secret, so each network keeps a share of five that others cannot use up.',
  }),
  'pushed_authorization.network': limit({
    points: 3000,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'together',
    meaning:
      'Pushed authorization requests (RFC 9126). The logins of a whole product may come from one backend.',
  }),
  'pushed_authorization.client': limit({
    points: 6000,
    seconds: 60,
    by: 'client',
    counts: 'calls',
    counted: 'together',
    share: 5,
    meaning: 'Pushed requests of one client that were taken.',
  }),
  'client_authentication.network': limit({
    points: 600,
    seconds: 60,
    by: 'network',
    counts: 'refusals',
    counted: 'together',
    meaning:
      'Refused client authentication (RFC 6749 §2.3) at every endpoint. Beyond it no slow hash is computed for the network; a client with the right generated secret, assertion or token is still let in.',
  }),
  'client_authentication.client': limit({
    points: 20,
    seconds: 60,
    by: 'client and network',
    counts: 'refusals',
    counted: 'together',
    meaning:
      'Wrong secrets for one client from one network. Counted before a secret that a person chose, or that was imported, is hashed.',
  }),
  'grant.network': limit({
    points: 1200,
    seconds: 60,
    by: 'network',
    counts: 'refusals',
    counted: 'together',
    meaning: 'Unknown codes, device codes and refresh tokens (`invalid_grant`).',
  }),
  'bearer.network': limit({
    points: 1200,
    seconds: 60,
    by: 'network',
    counts: 'refusals',
    counted: 'together',
    meaning: 'Refused bearer tokens (RFC 6750) at userinfo and the API.',
  }),
  'leak_reports.network': limit({
    points: 60,
    seconds: 60 * 60,
    by: 'network',
    counts: 'calls',
    counted: 'together',
    meaning: 'Reports of leaked tokens, which need no credential.',
  }),
  'password_login.network': limit({
    points: 600,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'by process',
    meaning:
      'Logins of programs by the password of a person (Bloq). Wrong passwords have limits of their own below.',
  }),
  'graphql.network': limit({
    points: 1200,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'by process',
    meaning:
      'Requests with documents of GraphQL (Speckle), each of which may ask the database for several things.',
  }),
  'pages.network': limit({
    points: 3000,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'by process',
    meaning: 'Pages and the forms on them. Attempts to sign in have limits of their own below.',
  }),
  'documents.network': limit({
    points: 12_000,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'by process',
    meaning:
      'What is the same for everyone: discovery, the JWK Set, the OpenAPI document, the API page, styles and scripts.',
  }),
} as const satisfies Record<string, RequestLimit>;

export type LimitName = keyof typeof requestLimits;

/** The limits of an installation: those that are switched off are absent. */
export type RequestLimits = Readonly<Partial<Record<LimitName, RequestLimit>>>;

/** Why a route that strangers can reach needs no limit. */
export interface NoLimit {
  none: string;
}

/** What a route says of its limit: the limits that count its calls or its refusals, or why there is none. */
export type RouteLimit = readonly LimitName[] | NoLimit;

/** Whether a name is one of the limits. */
export const isLimitName = (name: string): name is LimitName => Object.hasOwn(requestLimits, name);

/**
 * Reads LIMITS: `name=points/seconds`, separated by commas; `0` or `off` in place of the numbers switches
 * a limit off. Gives the limits of the installation, or what is wrong.
 */
export function readLimits(text: string): { limits: RequestLimits } | { problem: string } {
  const limits: Partial<Record<LimitName, RequestLimit>> = { ...requestLimits };
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '') continue;
    const [, name = '', off, points, seconds] =
      /^([a-z_.]+)\s*=\s*(?:(0|off)|(\d{1,7})\/(\d{1,6}))$/.exec(part) ?? [];
    if (!isLimitName(name))
      return {
        problem: `must be name=points/seconds or name=off, separated by commas, and each name one of ${Object.keys(requestLimits).join(', ')}`,
      };
    if (off !== undefined || Number(points) === 0) delete limits[name];
    else if (Number(seconds) === 0) return { problem: `must have one second at least for ${name}` };
    else
      limits[name] = { ...requestLimits[name], points: Number(points), seconds: Number(seconds) };
  }
  return { limits };
}
