import * as path from 'node:path';
import * as z from 'zod';
import { type DialectName, dialectNames, readDialects } from './dialects.ts';
import { readLimits } from './limits.ts';

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine(
      (value) => /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max,
      `must be a whole number from ${min} to ${max}`,
    )
    .transform(Number);

const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.enum(words, { error: `must be one of: ${words.join(', ')}` });

/** The address of a page that people open in a browser. */
const pageUrl = z
  .url({ protocol: /^https?$/, error: 'must be a URL that begins with https:// or http://' })
  .optional();

/** Segments that are spelled one way alone: clients compare an issuer character by character. */
const issuerPath = /^(\/[\w.~-]+)+\/?$/;

/**
 * Every setting of the server: its environment name, its default, and what it decides. The settings
 * page of the docs is made from this schema.
 */
const schema = z.object({
  ISSUER: z
    .url({
      protocol: /^https?$/,
      abort: true,
      error: 'must be a URL, such as https://login.example.com',
    })
    .refine((value) => {
      const { origin, pathname } = new URL(value);
      return value === origin || (value === origin + pathname && issuerPath.test(pathname));
    }, 'must be an origin without a final slash, such as https://login.example.com, or one with a path, such as https://example.com/login, of letters, digits, dots, hyphens, underscores and tildes')
    .optional()
    .describe(
      'Issuer Identifier (RFC 8414 §2): the public URL of this server, an origin or one with a path, such as https://example.com/login, as clients compare it: a slash at the end of a path is kept. Default: http://localhost:PORT',
    ),
  HOST: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The address to listen on. Default: localhost on the embedded database, every address otherwise',
    ),
  PORT: wholeNumber(0, 65_535)
    .default(3000)
    .describe(
      'The port to listen on; 0 takes a free one, another at each start, so name the ISSUER with it',
    ),
  DATA_DIR: z
    .string()
    .min(1)
    .default('./data')
    .transform((value) => path.resolve(value))
    .describe('Where the embedded database, its secrets and operator.json live'),
  DATABASE_URL: z
    .string()
    .regex(/^(postgres(ql)?:\/\/|pglite:)/, 'must begin with postgres:// or pglite:')
    .optional()
    .describe(
      'postgres://… or pglite:DIRECTORY. Default: pglite:DATA_DIR/db, Postgres inside this process',
    ),
  DATABASE_POOL_SIZE: wholeNumber(4, 1000)
    .default(10)
    .describe(
      'Connections to Postgres that one process may hold; a quarter of them is for reads only, so that these go on while commits wait',
    ),
  REDIS_URL: z
    .string()
    .regex(
      /^(rediss?|redis-sentinel):\/\/[^/]+/,
      'must be redis://HOST, rediss://HOST or redis-sentinel://HOST/NAME',
    )
    .optional()
    .describe(
      'redis://HOST:PORT, rediss:// for TLS, several hosts (redis://A:1,B:2) for a Cluster, redis-sentinel://A:1,B:2/NAME for Sentinel. Without it Postgres holds what lives for minutes',
    ),
  SECRET_KEYS: z
    .string()
    .transform((value) => value.split(',').map((key) => key.trim()))
    .pipe(z.array(z.string().min(32, 'each key needs at least 32 characters')).min(1))
    .optional()
    .describe(
      'Keys that seal secrets at rest, newest first, separated by commas. Needed on Postgres; the embedded database makes one in DATA_DIR',
    ),
  TRUST_PROXY: z
    .string()
    .regex(
      /^(true|false|[0-9]|10)$/,
      'must be true, false, or how many proxies there are, 10 at most',
    )
    .default('false')
    .transform((value) => (value === 'false' ? 0 : value === 'true' ? 1 : Number(value)))
    .describe(
      'How many proxies of yours stand before Writ, each of which adds to X-Forwarded-For: true is one. Then X-Forwarded-For (as far as these have written it), X-Forwarded-Proto and X-Request-Id are believed. Too high a number lets callers choose their address, and so get around limits',
    ),
  REFRESH_TOKEN_DAYS: wholeNumber(1, 36_500)
    .default(365)
    .describe(
      'How long a login lasts in all, from its first refresh token on, however often it is refreshed',
    ),
  REFRESH_TOKEN_IDLE_DAYS: wholeNumber(0, 36_500)
    .default(0)
    .describe(
      'How long a refresh token may go unused before the login ends; each refresh then gives a new one, of confidential clients too. 0: as long as the login lasts',
    ),
  SESSIONS_PER_ACCOUNT: wholeNumber(1, 1000)
    .default(20)
    .describe(
      'How many browsers a person can be signed in in; one more ends the session that was used least lately',
    ),
  CHANGE_RETENTION_DAYS: wholeNumber(1, 36_500)
    .default(60)
    .describe('How long the change feed can be read back'),
  AUDIT_RETENTION_DAYS: wholeNumber(1, 36_500)
    .default(365)
    .describe('How long audit events are kept; they leave by whole months'),
  SIGNING_KEY_ROTATION_DAYS: wholeNumber(0, 36_500)
    .default(90)
    .describe(
      'How long a key signs before the announced one takes over; 0 leaves it to `writ keys rotate`',
    ),
  JWKS_MAX_AGE_SECONDS: wholeNumber(1, 86_400)
    .default(300)
    .describe(
      'How long verifiers may keep the JWK Set (its Cache-Control max-age); a new key is announced for longer than that before it signs',
    ),
  BRAND_NAME: z
    .string()
    .trim()
    .min(1, 'must have 1 to 60 characters')
    .max(60, 'must have 1 to 60 characters')
    .default('Writ')
    .describe('What pages call this server: the name that people know your product by'),
  BRAND_LOGO: z
    .string()
    .regex(/\.(svg|png|webp)$/i, 'must be a file that ends in .svg, .png or .webp')
    .transform((value) => path.resolve(value))
    .optional()
    .describe(
      'A file with the logo that pages show beside the name: .svg, .png or .webp, 512 KiB at most',
    ),
  BRAND_COLOR: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #1a5fb4')
    .default('#3a4fd8')
    .describe(
      'The colour of buttons and links on pages; the letters on it turn dark or light as needed',
    ),
  SUPPORT_URL: pageUrl.describe(
    'A page where people get help with their account. Pages link to it in the footer, and wherever they would otherwise say "an administrator"; emails name it. Default: no link',
  ),
  SUPPORT_EMAIL: z
    .email('must be an email address, such as support@acme.com')
    .optional()
    .describe(
      'An email address that people can write to for help with their account, shown as SUPPORT_URL is. Default: none',
    ),
  TERMS_URL: pageUrl.describe(
    'Your terms of service. Every page links to them in the footer. Default: no link',
  ),
  PRIVACY_URL: pageUrl.describe(
    'Your privacy policy. Every page links to it in the footer. Default: no link',
  ),
  SMTP_URL: z
    .string()
    .refine(
      isSmtpUrl,
      'must be smtp://HOST:PORT or smtps://HOST:PORT; USER:PASSWORD@ before the host, what is not a letter or digit percent-encoded',
    )
    .optional()
    .describe(
      'The server that mails are given to: smtp://HOST:PORT (587 where none is named), which goes over to TLS where the server offers it, or smtps:// (465) for TLS from the start; smtp://USER:PASSWORD@HOST:PORT where it asks for a password, which is never sent without TLS but to this machine. Without it nobody is written to',
    ),
  MAIL_FROM: z
    .string()
    .transform((value, { addIssue }) => {
      const mailbox = readMailbox(value);
      if (mailbox) return mailbox;
      addIssue('must be an address such as no-reply@example.com, or Name <no-reply@example.com>');
      return z.NEVER;
    })
    .optional()
    .describe(
      'Whom mails come from: an address, or a name and an address as in Acme <no-reply@acme.com>. Default: no-reply@ the host of the ISSUER; the name is BRAND_NAME unless one stands here',
    ),
  LIMITS: z
    .string()
    .default('')
    .transform((value, { addIssue }) => {
      const read = readLimits(value);
      if ('limits' in read) return read.limits;
      addIssue(read.problem);
      return z.NEVER;
    })
    .describe(
      'Other limits than those of docs/limits.md: name=points/seconds, or name=off, separated by commas, as in device_authorization.network=600/60,pages.network=off',
    ),
  DIALECTS: z
    .string()
    .transform((value, { addIssue }) => {
      const read = readDialects(value);
      if ('names' in read) return read.names;
      addIssue(read.problem);
      return z.NEVER;
    })
    .optional()
    .describe(
      'The products whose clients are answered in their own words, separated by commas, or all, or none: docs/dialects.md. Default: all on the embedded database, none otherwise',
    ),
  DATASETTE_DEVICE_FLOW: oneOf('on', 'off')
    .optional()
    .describe(
      'Whether `dclient login` is answered where the dialect datasette is on; off answers it 403, and no login can be approved. Default: on with the embedded database, off otherwise',
    ),
  APPS: oneOf('on', 'off')
    .default('on')
    .describe(
      'Whether people can create and manage apps on the pages below /apps. off: these pages return 404, no page links to them, and people cannot create apps through the API. Administrators and backends manage apps through the API and `writ apps` in both cases',
    ),
  LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'silent')
    .default('info')
    .describe('The least severe messages that are logged; debug has a line for each request'),
  LOG_FORMAT: oneOf('auto', 'json', 'pretty')
    .default('auto')
    .describe(
      'One JSON object a line (json), or words for a person (pretty). auto: pretty where standard error is a terminal',
    ),
  MAX_CONNECTIONS: wholeNumber(1, 1_000_000)
    .default(10_000)
    .describe('Connections that one process holds open at once; one more is closed at once'),
  MAX_REQUESTS: wholeNumber(1, 100_000)
    .default(400)
    .describe(
      'Requests that one process works on at once; one more is answered 503 with Retry-After at once. /healthz and /readyz are answered besides',
    ),
  REQUEST_TIMEOUT_SECONDS: wholeNumber(1, 3600)
    .default(30)
    .describe(
      'How long a request may take to arrive, its headers 10 seconds of that at most; slower ones are answered 408 and cut off',
    ),
  HSTS_MAX_AGE_SECONDS: wholeNumber(0, 63_072_000)
    .default(31_536_000)
    .describe(
      'How long browsers ask this host by https alone (Strict-Transport-Security, RFC 6797), where the ISSUER is https; 0 does not say so',
    ),
  SHUTDOWN_DELAY_SECONDS: wholeNumber(0, 3600)
    .optional()
    .describe(
      'How long a process that was told to stop takes requests while /readyz says 503, so that proxies send the next ones elsewhere. Default: 0 on the embedded database, 5 on Postgres',
    ),
  SHUTDOWN_TIMEOUT_SECONDS: wholeNumber(0, 3600)
    .default(10)
    .describe('How long running requests may take to finish after that, before they are cut off'),
});

type Parsed = z.infer<typeof schema>;

export type Settings = Readonly<
  Omit<Parsed, 'DATABASE_URL' | 'DIALECTS' | 'DATASETTE_DEVICE_FLOW' | 'SHUTDOWN_DELAY_SECONDS'> & {
    DATABASE_URL: string;
    DIALECTS: readonly DialectName[];
    DATASETTE_DEVICE_FLOW: 'on' | 'off';
    SHUTDOWN_DELAY_SECONDS: number;
    /** Postgres runs inside this process, over files in a directory that belongs to it alone. */
    embedded: boolean;
  }
>;

/** Every setting that is wrong, told at once, in words for the person who set it. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: string[]) {
    super(`These settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/** Reads the settings from environment variables; an empty variable counts as absent. Throws SettingsError. */
export function loadSettings(environment: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  const problems = [
    ...(result.error?.issues ?? []).map(
      (issue) => `${issue.path[0]?.toString()}: ${issue.message}`,
    ),
    ...unsafeForOthers(given),
  ];
  if (!result.success || problems.length > 0) throw new SettingsError(problems);
  const url = result.data.DATABASE_URL ?? `pglite:${path.join(result.data.DATA_DIR, 'db')}`;
  const embedded = url.startsWith('pglite:');
  return Object.freeze({
    ...result.data,
    DATABASE_URL: url,
    DIALECTS: result.data.DIALECTS ?? (embedded ? dialectNames : []),
    DATASETTE_DEVICE_FLOW: result.data.DATASETTE_DEVICE_FLOW ?? (embedded ? 'on' : 'off'),
    SHUTDOWN_DELAY_SECONDS: result.data.SHUTDOWN_DELAY_SECONDS ?? (embedded ? 0 : 5),
    embedded,
  });
}

/** What is harmless where one person tries things out, and dangerous where many depend on it. */
function unsafeForOthers({
  DATABASE_URL = '',
  HOST,
  ISSUER,
  SECRET_KEYS,
}: Record<string, string | undefined>): string[] {
  const problems: string[] = [];
  if (!DATABASE_URL.startsWith('postgres')) {
    const isOpen = HOST !== undefined && !isLoopback(HOST.includes(':') ? `[${HOST}]` : HOST);
    if (isOpen && ISSUER && URL.canParse(ISSUER) && !isLoopbackOrHttps(ISSUER))
      problems.push(
        `ISSUER: must be https where others reach HOST ${HOST}, or tokens and secrets travel in clear`,
      );
    return problems;
  }
  if (!SECRET_KEYS)
    problems.push('SECRET_KEYS: needed on Postgres; make one with: openssl rand -hex 32');
  if (ISSUER && URL.canParse(ISSUER) && !isLoopbackOrHttps(ISSUER))
    problems.push('ISSUER: must be https, or tokens and secrets travel in clear');
  return problems;
}

/** Whether tokens can travel to this issuer unread by others. */
export function isLoopbackOrHttps(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || isLoopback(hostname);
}

/** Whether the host of a URL is this machine. */
export const isLoopback = (hostname: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

/** Who a mail is from. */
export interface Mailbox {
  name?: string;
  address: string;
}

/** A name and an address, or the address alone (RFC 5322 §3.4), in what is in use of that. */
function readMailbox(text: string): Mailbox | undefined {
  const [, quoted, plain, inBrackets, alone] =
    /^\s*(?:(?:"([^"]*)"|([^"<>]*?))\s*<([^<>]*)>|(\S+))\s*$/.exec(text) ?? [];
  const name = (quoted ?? plain)?.trim();
  const address = inBrackets ?? alone ?? '';
  if (address.length > 254 || !/^[^\s@<>()[\]\\,;:"]+@[^\s@<>()\\,;:"]+$/.test(address))
    return undefined;
  if (name && /\p{Cc}/u.test(name)) return undefined;
  return { ...(name && { name }), address };
}

function isSmtpUrl(text: string): boolean {
  if (!/^smtps?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname, search, hash, username, password } = new URL(text);
  try {
    decodeURIComponent(username + password);
  } catch {
    return false;
  }
  return hostname !== '' && ['', '/'].includes(pathname) && search === '' && hash === '';
}

/** Name, default and meaning of each setting, for the docs. */
export function describeSettings(): {
  name: string;
  default: string | undefined;
  meaning: string;
}[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const standard = field.safeParse(undefined);
    return {
      name,
      default:
        standard.success &&
        standard.data !== undefined &&
        typeof standard.data !== 'object' &&
        name !== 'DATA_DIR'
          ? String(standard.data)
          : name === 'DATA_DIR'
            ? './data'
            : undefined,
      meaning: field.description ?? '',
    };
  });
}
