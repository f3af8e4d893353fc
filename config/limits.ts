/**
 * Rate limits: how often unauthenticated callers can call, and how often their credentials can be wrong. Each limit counts
 * on its own: its window starts with the first call that it counts, and lasts its seconds. LIMITS in config/settings.ts
 * changes the numbers. Limits of sign-in attempts are in config/attempts.ts, and the limits of an app in config/apps.ts.
 */
export interface RequestLimit {
  /** Calls within the window. */
  points: number;
  seconds: number;
  /** Which calls count together. A network is an IPv4 address, or the /64 of an IPv6 address. */
  by:
    | 'network'
    | 'client'
    | 'client and network'
    | 'account'
    | 'account and client'
    | 'email address'
    | 'host'
    | 'installation';
  /**
   * Every call; only those with refused credentials, so that the limit never refuses valid ones; only forms that are
   * sent, and not the pages with them; or only those for which this server fetches something.
   */
  counts: 'calls' | 'refusals' | 'forms' | 'fetches';
  /** Counted by all processes together (in Redis or Postgres), or by each process in its memory, without a round trip. */
  counted: 'together' | 'by process';
  /** For a limit by client: the calls that each network has in a window, whatever other networks use. */
  share?: number;
  meaning: string;
}

const limit = <Given extends RequestLimit>(given: Given): RequestLimit => given;

/**
 * The limits by their names in LIMITS and in the `RateLimit` fields. Large enough for many machines behind one address;
 * small enough that one network can fill at most some tens of megabytes of a store.
 */
export const requestLimits = {
  'authorization.network': limit({
    points: 1200,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'together',
    meaning: 'Authorization requests (RFC 6749 §4.1.1), and the returns from the consent page.',
  }),
  'authorization.account_client': limit({
    points: 300,
    seconds: 60 * 60,
    by: 'account and client',
    counts: 'calls',
    counted: 'together',
    meaning:
      'Logins of one signed-in person at one client: a request that is stored until it is answered, for at most an hour, or a login without a page. A client that starts logins in a loop does not stop those at other clients.',
  }),
  'authorization.account': limit({
    points: 1500,
    seconds: 60 * 60,
    by: 'account',
    counts: 'calls',
    counted: 'together',
    meaning: 'Logins of one signed-in person at all clients together.',
  }),
  'device_authorization.network': limit({
    points: 120,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'together',
    meaning: 'Device authorization requests (RFC 8628 §3.1), each of which stores a code.',
  }),
  'device_authorization.client': limit({
    points: 1200,
    seconds: 60,
    by: 'client',
    counts: 'calls',
    counted: 'together',
    share: 5,
    meaning:
      'Device codes of one client. The ID of a public client is not secret, so each network has a share of five that others cannot use up.',
  }),
  'pushed_authorization.network': limit({
    points: 3000,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'together',
    meaning:
      'Pushed authorization requests (RFC 9126). All logins of a product can come from one backend.',
  }),
  'pushed_authorization.client': limit({
    points: 6000,
    seconds: 60,
    by: 'client',
    counts: 'calls',
    counted: 'together',
    share: 5,
    meaning: 'Accepted pushed requests of one client.',
  }),
  'client_authentication.network': limit({
    points: 600,
    seconds: 60,
    by: 'network',
    counts: 'refusals',
    counted: 'together',
    meaning:
      'Failed client authentication (RFC 6749 §2.3) at every endpoint. Beyond it no slow hash is computed for the network; a client with the right generated secret, assertion or token is still authenticated.',
  }),
  'client_authentication.client': limit({
    points: 20,
    seconds: 60,
    by: 'client and network',
    counts: 'refusals',
    counted: 'together',
    meaning:
      'Wrong secrets for one client from one network. Counted before an imported secret is hashed; the right generated secret is still accepted.',
  }),
  'client_registration.network': limit({
    points: 20,
    seconds: 60 * 60,
    by: 'network',
    counts: 'forms',
    counted: 'together',
    meaning:
      'Registrations of clients without an initial access token (CLIENT_REGISTRATION=open), each of which stores a client.',
  }),
  'client_registration.installation': limit({
    points: 500,
    seconds: 60 * 60,
    by: 'installation',
    counts: 'forms',
    counted: 'together',
    meaning: 'All registrations of clients without an initial access token.',
  }),
  'client_documents.network': limit({
    points: 120,
    seconds: 60 * 60,
    by: 'network',
    counts: 'fetches',
    counted: 'together',
    meaning:
      'Client ID Metadata Documents that are fetched because of one network, of clients that no one has allowed yet. Each stores a few kilobytes.',
  }),
  'client_documents.host': limit({
    points: 60,
    seconds: 60,
    by: 'host',
    counts: 'fetches',
    counted: 'together',
    meaning:
      'Client ID Metadata Documents that are fetched from one host, so that no one uses this server to flood another. Beyond it, clients that people have allowed go on with the document that was read before.',
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
    meaning: 'Reports of leaked tokens, which need no credentials.',
  }),
  'password_login.network': limit({
    points: 600,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'by process',
    meaning:
      'Logins of programs with the password of a person (Bloq). Wrong passwords have their own limits below.',
  }),
  'graphql.network': limit({
    points: 1200,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'by process',
    meaning: 'GraphQL requests (Speckle), each of which can run several queries.',
  }),
  'pages.network': limit({
    points: 3000,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'by process',
    meaning: 'Pages and their forms. Sign-in attempts have their own limits below.',
  }),
  'registration.network': limit({
    points: 60,
    seconds: 60 * 60,
    by: 'network',
    counts: 'forms',
    counted: 'together',
    meaning:
      'People who register (REGISTRATION), each of whom gets an email. A whole company or school can be behind a network.',
  }),
  'registration.address': limit({
    points: 3,
    seconds: 60 * 60,
    by: 'email address',
    counts: 'forms',
    counted: 'together',
    meaning:
      'Emails to one address because of registrations. Beyond it no email is sent, and the page says the same: the earlier links still work.',
  }),
  'registration.installation': limit({
    points: 2000,
    seconds: 60 * 60,
    by: 'installation',
    counts: 'forms',
    counted: 'together',
    meaning:
      'All registrations, whatever network they come from. It keeps a flood from using up your mail server and its reputation.',
  }),
  'provider_sign_in.network': limit({
    points: 300,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'together',
    meaning:
      'Sign-ins with other identity providers, and their returns: each stores a little and can send requests to the provider.',
  }),
  'signals.client': limit({
    points: 600,
    seconds: 60,
    by: 'client',
    counts: 'calls',
    counted: 'together',
    meaning: 'Requests of one receiver of Shared Signals, polls included.',
  }),
  'documents.network': limit({
    points: 12_000,
    seconds: 60,
    by: 'network',
    counts: 'calls',
    counted: 'by process',
    meaning:
      'Documents that are the same for everyone: discovery, the JWK Set, the OpenAPI document, the API page, styles and scripts.',
  }),
} as const satisfies Record<string, RequestLimit>;

export type LimitName = keyof typeof requestLimits;

/** The limits of an installation, without those that are off. */
export type RequestLimits = Readonly<Partial<Record<LimitName, RequestLimit>>>;

/** Why a route that anyone can reach needs no limit. */
export interface NoLimit {
  none: string;
}

/** The limits that count the calls or refusals of a route, or why there is none. */
export type RouteLimit = readonly LimitName[] | NoLimit;

/** Whether a name is one of the limits. */
export const isLimitName = (name: string): name is LimitName => Object.hasOwn(requestLimits, name);

/**
 * Parses LIMITS: `name=points/seconds`, separated by commas; `0` or `off` in place of the numbers switches a limit off.
 * Returns the limits of the installation, or what is wrong.
 */
export function readLimits(text: string): { limits: RequestLimits } | { problem: string } {
  const limits: Partial<Record<LimitName, RequestLimit>> = { ...requestLimits };
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '') continue;
    const [, name, off, points, seconds] =
      /^([a-z_.]+)\s*=\s*(?:(0|off)|(\d{1,7})\/(\d{1,6}))$/.exec(part) ?? [];
    if (name === undefined)
      return {
        problem: `must be NAME=POINTS/SECONDS or NAME=off, separated by commas; ${JSON.stringify(part)} is not`,
      };
    if (!isLimitName(name))
      return {
        problem: `must name limits of this server; "${name}" is not one of ${Object.keys(requestLimits).join(', ')}`,
      };
    if (off !== undefined || Number(points) === 0) delete limits[name];
    else if (Number(seconds) === 0)
      return { problem: `must have at least one second for ${name}; "${part}" has none` };
    else
      limits[name] = { ...requestLimits[name], points: Number(points), seconds: Number(seconds) };
  }
  return { limits };
}
