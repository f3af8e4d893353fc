import * as path from 'node:path';
import * as z from 'zod';
import { isCertificateHeader, readNetworks } from './client-certificates.ts';
import { type DocumentPolicy, readDocumentPolicy } from './client-documents.ts';
import { defaultDataDirectory } from './data-directory.ts';
import { type DialectName, dialectNames, readDialects } from './dialects.ts';
import { languages, readLanguages } from './languages.ts';
import { readLimits } from './limits.ts';
import { isLoopback, isLoopbackOrHttps } from './loopback.ts';
import { readDomains, readRegistrationRoles } from './registration.ts';
import { settingChanges } from './setting-changes.ts';
import { SettingsError } from './settings-error.ts';
import { readWorkerCount } from './worker-count.ts';

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine(
      (value) => /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max,
      `must be a whole number from ${min} to ${max}`,
    )
    .transform(Number);

const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.enum(words, { error: `must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}` });

/** The address of a page that people open in a browser. */
const pageUrl = z
  .url({ protocol: /^https?$/, error: 'must be a URL that begins with https:// or http://' })
  .optional();

/** Segments with a single spelling: clients compare an issuer character by character. */
const issuerPath = /^(\/[\w.~-]+)+\/?$/;

/**
 * Every setting of the server: its environment variable, its default, and its meaning. The page on settings in the docs is
 * generated from this schema.
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
    }, 'must be an origin without a slash at the end, such as https://login.example.com, or one with a path, such as https://example.com/login, of letters, digits, dots, hyphens, underscores and tildes')
    .optional()
    .describe(
      'Issuer Identifier (RFC 8414 §2): the public URL of this server, an origin or one with a path, such as https://example.com/login. Clients compare it character by character, so a slash at the end of a path counts. Default: http://localhost:PORT',
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
    .describe('The port to listen on; 0 takes any free port at each start, so set ISSUER as well'),
  ADMIN_PORT: wholeNumber(0, 65_535)
    .optional()
    .describe(
      'A port of its own for the console /admin, which then exists nowhere else; 0 takes any free port, which the log names. Default: the console is at PORT',
    ),
  ADMIN_HOST: z
    .string()
    .min(1)
    .default('localhost')
    .describe('The address on which ADMIN_PORT listens'),
  METRICS_PORT: wholeNumber(0, 65_535)
    .optional()
    .describe(
      'The port of /metrics, for Prometheus; 0 takes any free port, which the log names. Default: no metrics',
    ),
  METRICS_HOST: z
    .string()
    .min(1)
    .default('localhost')
    .describe(
      'The address on which METRICS_PORT listens. Metrics name no person and no client, but are not for everyone: keep the port inside your network',
    ),
  DATA_DIR: z
    .string()
    .min(1)
    .default(defaultDataDirectory)
    .transform((value) => path.resolve(value))
    .describe('The directory of the embedded database, its secrets and operator.json'),
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
      'Connections of one process to Postgres; a quarter is only for reads, which continue while commits wait',
    ),
  REDIS_URL: z
    .string()
    .regex(
      /^(rediss?|redis-sentinel):\/\/[^/]+/,
      'must be redis://HOST, rediss://HOST or redis-sentinel://HOST/NAME',
    )
    .optional()
    .describe(
      'redis://HOST:PORT, rediss:// for TLS, several hosts (redis://A:1,B:2) for a Cluster, redis-sentinel://A:1,B:2/NAME for Sentinel. Without it, Postgres stores short-lived state',
    ),
  SECRET_KEYS: z
    .string()
    .transform((value) => value.split(',').map((key) => key.trim()))
    .pipe(z.array(z.string().min(32, 'each key needs at least 32 characters')).min(1))
    .optional()
    .describe(
      'Keys that encrypt secrets in the database, newest first, separated by commas. Required on Postgres; the embedded database creates one in DATA_DIR',
    ),
  TRUST_PROXY: z
    .string()
    .regex(
      /^(true|false|[0-9]|10)$/,
      'must be the number of proxies, from 0 to 10, or false (0) or true (1)',
    )
    .default('false')
    .transform((value) => (value === 'false' ? 0 : value === 'true' ? 1 : Number(value)))
    .describe(
      'The number of your proxies in front of Writ, each of which adds to X-Forwarded-For; false is 0, and true is 1. X-Forwarded-For (only the entries of these proxies), X-Forwarded-Proto and X-Request-Id are then trusted. If the number is too high, callers can choose their address and avoid rate limits',
    ),
  CLIENT_CERTIFICATE_HEADER: z
    .string()
    .refine(isCertificateHeader, 'must be the name of a header of its own, such as Client-Cert')
    .optional()
    .describe(
      'The header in which your proxy passes on the certificate of a client (mutual TLS, RFC 8705): as percent-encoded PEM ($ssl_client_escaped_cert of nginx), as RFC 9440 has it (Client-Cert), or as base64 of the DER. The proxy must set or remove it in every request. Needs TRUST_PROXY and CLIENT_CERTIFICATE_PROXIES. Default: no client certificates',
    ),
  CLIENT_CERTIFICATE_PROXIES: z
    .string()
    .transform((value, { addIssue }) => {
      const read = readNetworks(value);
      if ('networks' in read) return read.networks;
      addIssue(read.problem);
      return z.NEVER;
    })
    .optional()
    .describe(
      'The addresses from which your proxies connect, as in 10.0.0.0/8,127.0.0.1. CLIENT_CERTIFICATE_HEADER is believed only in their requests, and ignored in others. Default: none',
    ),
  CLIENT_CERTIFICATE_AUTHORITIES: z
    .string()
    .regex(/\.(pem|crt|cer)$/i, 'must be a file that ends in .pem, .crt or .cer')
    .transform((value) => path.resolve(value))
    .optional()
    .describe(
      'A file with the certificates (PEM) of the authorities that sign certificates of clients, for tls_client_auth (RFC 8705 §2.1). Without it, clients can only authenticate with certificates that they have registered, and bind their tokens to certificates',
    ),
  CLIENT_CERTIFICATE_URL: z
    .url({ protocol: /^https$/, error: 'must be a URL that begins with https://' })
    .refine(
      (value) => !/[?#]|\/$/.test(value),
      'must be a URL without a query and without a slash at the end',
    )
    .optional()
    .describe(
      'The URL at which your proxy asks clients for certificates, if it is not the ISSUER, as in https://mtls.login.example.com. The metadata names its endpoints in mtls_endpoint_aliases (RFC 8705 §5), so that browsers, which use the ISSUER, are not asked for certificates. Default: none',
    ),
  REFRESH_TOKEN_DAYS: wholeNumber(1, 36_500)
    .default(365)
    .describe(
      'How long a login lasts at most, from its first refresh token on, however often it is refreshed',
    ),
  REFRESH_TOKEN_IDLE_DAYS: wholeNumber(0, 36_500)
    .default(0)
    .describe(
      'How long a refresh token can go unused before the login expires; each refresh then returns a new one, for confidential clients too. 0: as long as the login lasts',
    ),
  DPOP_NONCE: oneOf('on', 'off')
    .default('off')
    .describe(
      'Whether DPoP proofs need a nonce of this server (RFC 9449 §8, §9). on: a proof without one, or with an old one, gets `use_dpop_nonce` with the nonce to use in the DPoP-Nonce header, so the clocks of clients do not matter',
    ),
  PRIVATE_CLIENT_URLS: oneOf('on', 'off')
    .default('off')
    .describe(
      'Whether this server connects to clients in its own network: their metadata documents, keys (`jwks_uri`), sector identifiers, `backchannel_logout_uri` and where security events are pushed to. off: a URL whose host has a loopback, private or other special address is not opened, so no one who registers a client can reach what only this server can',
    ),
  CLIENT_METADATA_DOCUMENTS: z
    .string()
    .transform((value, { addIssue }) => {
      const read = readDocumentPolicy(value.trim());
      if ('policy' in read) return read.policy;
      addIssue(read.problem);
      return z.NEVER;
    })
    .optional()
    .describe(
      'Whose Client ID Metadata Documents are accepted, in which a client that no one created here describes itself: off, open, or hosts such as claude.ai,*.acme.com. Such a client can ask people for access to the resources that you open to clients that register themselves; none is open at first. Default: open on the embedded database, so that you can try it; off otherwise',
    ),
  CLIENT_REGISTRATION: oneOf('off', 'token', 'open')
    .default('token')
    .describe(
      'Who can register a client at /connect/register (RFC 7591). token: a program with an initial access token, which an administrator creates; open: also every program, for a public client with the resources that you open to clients that register themselves; off: no one, and the endpoint does not exist',
    ),
  SESSIONS_PER_ACCOUNT: wholeNumber(1, 1000)
    .default(20)
    .describe(
      'In how many browsers a person can be signed in; one more signs out the least recently used one',
    ),
  SECOND_FACTOR: oneOf('optional', 'administrators', 'everyone')
    .default('optional')
    .describe(
      'Who must have a second factor to sign in with a password: no one (optional), administrators (and people whose roles have scopes of this server), or everyone. Roles and clients can require one as well; the strictest applies',
    ),
  SECOND_FACTOR_DAYS: wholeNumber(0, 365)
    .default(0)
    .describe(
      'How many days people have to set up the second factor that SECOND_FACTOR requires, from their first sign-in under it; 0: they set it up when they next sign in',
    ),
  FACTOR_RESET_HOURS: wholeNumber(0, 720)
    .default(24)
    .describe(
      'How long a reset of the second factors of an account waits after an administrator asked for it; the person gets an email with a link that stops it. 0: it happens at once, which only the embedded database permits',
    ),
  PASSKEY_ORIGINS: z
    .string()
    .default('')
    .transform((value) => value.split(',').map((origin) => origin.trim()))
    .transform((origins) => origins.filter((origin) => origin !== ''))
    .refine(
      (origins) => origins.every(isOrigin),
      'must be origins that begin with https://, without a path, separated by commas',
    )
    .refine((origins) => origins.length <= 20, 'must have at most 20 origins')
    .describe(
      'Other origins at which people reach this server and use the same passkeys (WebAuthn Related Origin Requests), separated by commas, as in https://login.example.de,https://login.example.fr. They are listed at /.well-known/webauthn. Passkeys are bound to the host of the ISSUER; an IP address has none. Default: none',
    ),
  SIGN_IN_CHALLENGE: oneOf('off', 'unknown-browser', 'under-attack')
    .default('under-attack')
    .describe(
      'When a person who enters the right password in a browser that their account does not know also needs a code that is sent to their address. under-attack: while the account or the network has many wrong passwords, and before a required second factor is set up; unknown-browser: always; off: never. People with a second factor or a passkey never need one. Without SMTP_URL there are no codes',
    ),
  REMEMBERED_BROWSER_DAYS: wholeNumber(0, 365)
    .default(30)
    .describe(
      'How long a browser is not asked for a second factor again, if the person wants that; 0: every sign-in asks for it',
    ),
  CHANGE_RETENTION_DAYS: wholeNumber(1, 36_500)
    .default(60)
    .describe('How far back the change feed can be read'),
  AUDIT_RETENTION_DAYS: wholeNumber(1, 36_500)
    .default(365)
    .describe('How long audit events are kept; they are deleted by whole months'),
  AUDIT_LOG: z
    .string()
    .refine(
      (value) => !/^(stderr|on|off|true|false|none|\w+:\/\/.*)$/i.test(value),
      'must be stdout or the path of a file',
    )
    .transform((value) => (value === 'stdout' ? value : path.resolve(value)))
    .optional()
    .describe(
      'Where audit events are also written as lines of JSON: stdout, or a file. A renamed file is created again. What serve prints then goes to standard error. Default: nowhere',
    ),
  SIGNING_KEY_ROTATION_DAYS: wholeNumber(0, 36_500)
    .default(90)
    .describe(
      'How long a key signs before the announced one takes over; 0: only `writ keys rotate` does it',
    ),
  JWKS_MAX_AGE_SECONDS: wholeNumber(1, 86_400)
    .default(300)
    .describe(
      'How long verifiers can cache the JWK Set (its Cache-Control max-age); a new key is announced for longer than that before it signs',
    ),
  BRAND_NAME: z
    .string()
    .trim()
    .min(1, 'must have 1 to 60 characters')
    .max(60, 'must have 1 to 60 characters')
    .default('Writ')
    .describe(
      'The name of this server on pages and in emails: the name by which people know your product',
    ),
  BRAND_LOGO: z
    .string()
    .regex(/\.(svg|png|webp)$/i, 'must be a file that ends in .svg, .png or .webp')
    .transform((value) => path.resolve(value))
    .optional()
    .describe(
      'A file with the logo that pages show next to the name: .svg, .png or .webp, at most 512 KiB',
    ),
  BRAND_COLOR: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #1a5fb4')
    .default('#3a4fd8')
    .describe(
      'The colour of buttons and links on pages; the text on buttons is dark or light as needed',
    ),
  BRAND_STYLE: z
    .string()
    .regex(/\.css$/i, 'must be a file that ends in .css')
    .transform((value) => path.resolve(value))
    .optional()
    .describe(
      'A style sheet of your own (.css, at most 256 KiB), which every page loads after those of this server; it can load nothing from other hosts',
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
    'Your terms of service. Every page links to them in the footer, and people who register accept them. Default: no link',
  ),
  PRIVACY_URL: pageUrl.describe(
    'Your privacy policy. Every page links to it in the footer, and people who register accept it. Default: no link',
  ),
  LANGUAGES: z
    .string()
    .default(languages.join(','))
    .transform((value, { addIssue }) => {
      const read = readLanguages(value);
      if ('languages' in read) return read.languages;
      addIssue(read.problem);
      return z.NEVER;
    })
    .describe(
      'The languages of sign-in pages and of emails to people. The first one is for people whose languages are not among them',
    ),
  REGISTRATION: oneOf('off', 'open', 'approval')
    .default('off')
    .describe(
      'Whether people can create an account themselves at /register. open: anyone who confirms an email address; approval: an administrator approves each account before its person can sign in; off: only administrators create accounts. Needs SMTP_URL, except on the embedded database',
    ),
  REGISTRATION_DOMAINS: z
    .string()
    .default('')
    .transform((value, { addIssue }) => {
      const read = readDomains(value);
      if ('domains' in read) return read.domains;
      addIssue(read.problem);
      return z.NEVER;
    })
    .describe(
      'The domains whose email addresses can register, separated by commas: acme.com for addresses at this domain, *.acme.com for those at its subdomains. Default: any domain',
    ),
  REGISTRATION_ROLES: z
    .string()
    .default('')
    .transform((value, { addIssue }) => {
      const read = readRegistrationRoles(value);
      if ('roles' in read) return read.roles;
      addIssue(read.problem);
      return z.NEVER;
    })
    .describe(
      'The roles of people who register, separated by commas. They must exist, and administrator is not allowed. Default: no role',
    ),
  SMTP_URL: z
    .string()
    .refine(
      isSmtpUrl,
      'must be smtp://HOST:PORT or smtps://HOST:PORT, with USER:PASSWORD@ before the host if needed, percent-encoded except for letters and digits',
    )
    .optional()
    .describe(
      'The mail server: smtp://HOST:PORT (default port 587) with STARTTLS if the server offers it, or smtps:// (465) for TLS from the start; smtp://USER:PASSWORD@HOST:PORT if it needs a password, which is sent without TLS only to this machine. Without it no email is sent',
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
      'The sender of emails: an address, or a name and an address as in Acme <no-reply@acme.com>. Default: no-reply@ the host of the ISSUER, with the name BRAND_NAME',
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
      'Rate limits that differ from docs/limits.md: name=points/seconds or name=off, separated by commas, as in device_authorization.network=600/60,pages.network=off',
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
      'The products whose clients Writ supports, separated by commas, or all, or none: docs/dialects.md. Default: all on the embedded database, whose APIs pages then do not offer; none otherwise',
    ),
  DATASETTE_DEVICE_FLOW: oneOf('on', 'off')
    .optional()
    .describe(
      'Whether the dialect datasette supports `dclient login`: on or off; off responds 403, and no login can be approved. Default: on with the embedded database, off otherwise',
    ),
  APPS: oneOf('on', 'off')
    .default('on')
    .describe(
      'Whether people can create and manage apps on the pages below /apps: on or off. If off, these pages return 404, no page links to them, and people cannot create apps through the API. Administrators and backends manage apps through the API and `writ apps` in both cases',
    ),
  LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'silent')
    .default('info')
    .describe('The lowest level that is logged; debug has a line for each request'),
  LOG_FORMAT: oneOf('auto', 'json', 'pretty')
    .default('auto')
    .describe(
      'One JSON object per line (json), or lines for people (pretty). auto: pretty if standard error is a terminal',
    ),
  WEB_CONCURRENCY: z
    .string()
    .regex(/^(auto|[1-9]\d?|1[01]\d|12[0-8])$/, 'must be auto or a whole number from 1 to 128')
    .default('1')
    .describe(
      'How many processes serve requests at this port, on Postgres: a number, or auto for as many as there are processors. Each has its own DATABASE_POOL_SIZE, MAX_CONNECTIONS and MAX_REQUESTS. SIGHUP replaces them one after the other. The embedded database belongs to one process',
    ),
  MAX_CONNECTIONS: wholeNumber(1, 1_000_000)
    .default(10_000)
    .describe('Open connections of one process; a further one is closed at once'),
  MAX_REQUESTS: wholeNumber(1, 100_000)
    .default(400)
    .describe(
      'Requests that one process handles at once; a further one gets 503 with Retry-After at once. /healthz and /readyz do not count',
    ),
  REQUEST_TIMEOUT_SECONDS: wholeNumber(1, 3600)
    .default(30)
    .describe(
      'How long a request can take to arrive, including at most 10 seconds for its headers; a slower one gets 408, and its connection is closed',
    ),
  HSTS_MAX_AGE_SECONDS: wholeNumber(0, 63_072_000)
    .default(31_536_000)
    .describe(
      'How long browsers use only https for this host (Strict-Transport-Security, RFC 6797) if the ISSUER is https; 0 sends no such header',
    ),
  SHUTDOWN_DELAY_SECONDS: wholeNumber(0, 3600)
    .optional()
    .describe(
      'How long a stopping process still serves requests while /readyz responds 503, so proxies send new ones elsewhere. Default: 0 on the embedded database, 5 on Postgres',
    ),
  SHUTDOWN_TIMEOUT_SECONDS: wholeNumber(0, 3600)
    .default(10)
    .describe('How long running requests can then take to finish before they are cut off'),
});

type Parsed = z.infer<typeof schema>;

export type Settings = Readonly<
  Omit<
    Parsed,
    | 'DATABASE_URL'
    | 'CLIENT_METADATA_DOCUMENTS'
    | 'DIALECTS'
    | 'DATASETTE_DEVICE_FLOW'
    | 'SHUTDOWN_DELAY_SECONDS'
    | 'WEB_CONCURRENCY'
  > & {
    DATABASE_URL: string;
    CLIENT_METADATA_DOCUMENTS: DocumentPolicy;
    DIALECTS: readonly DialectName[];
    /** Those that DIALECTS names. On the embedded database, more are on by default. */
    chosenDialects: readonly DialectName[];
    DATASETTE_DEVICE_FLOW: 'on' | 'off';
    SHUTDOWN_DELAY_SECONDS: number;
    WEB_CONCURRENCY: number;
    /** Postgres runs inside this process, in a directory of its own. */
    embedded: boolean;
    /** What the environment sets, as it is there; null for secrets. */
    given: Readonly<Record<string, string | null>>;
  }
>;

/** What an environment says: the settings that can be used, and what is wrong with the others. */
export interface ReadSettings {
  /** Undefined if there are problems. */
  settings: Settings | undefined;
  /** The settings that are right on their own. */
  valid: Partial<Settings>;
  /** One sentence each, which begins with the name of the setting. */
  problems: string[];
}

/** Reads the settings from environment variables. An empty variable counts as absent. */
export function readSettings(environment: Record<string, string | undefined>): ReadSettings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  const wrong = (result.error?.issues ?? []).map(({ path: [name], message }) => {
    const setting = String(name);
    return `${setting}: ${message}${unnamed.has(setting) ? '' : `; it is ${quote(given[setting])}`}`;
  });
  const isWrong = (name: string) => wrong.some((problem) => problem.startsWith(`${name}: `));
  const unsafe = [
    ...unsafeForOthers(given),
    ...unsendable(given),
    ...withoutProxies(given),
    ...unshareable(given),
  ].filter((problem) => !isWrong(problem.slice(0, problem.indexOf(':'))));
  const problems = [...wrong, ...unsafe];
  const settings = { ...withDerived(validFields(given)), given: withoutSecrets(given) };
  return {
    settings: problems.length === 0 ? (Object.freeze(settings) as Settings) : undefined,
    valid: settings,
    problems,
  };
}

/** Settings that contain secrets, which no page shows. */
export const secretSettings: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'REDIS_URL',
  'SECRET_KEYS',
  'SMTP_URL',
]);

/** What is wrong with a value of a setting, as a start would report it without the name; undefined if nothing is. */
export const problemOfSetting = (name: keyof Parsed, value: string): string | undefined =>
  schema.shape[name].safeParse(value).error?.issues[0]?.message;

/** The settings among the variables of an environment, in the order of the page on settings. */
const withoutSecrets = (given: Record<string, string | undefined>): Settings['given'] =>
  Object.fromEntries(
    Object.keys(headings).flatMap((name) => {
      const value = given[name];
      if (value === undefined) return [];
      return [[name, secretSettings.has(name) && !value.startsWith('pglite:') ? null : value]];
    }),
  );

/** Settings whose problems do not repeat the value: it can contain a secret, or the problem names the wrong part. */
const unnamed = new Set([
  ...secretSettings,
  ...['LIMITS', 'DIALECTS', 'REGISTRATION_DOMAINS', 'REGISTRATION_ROLES'],
  'CLIENT_CERTIFICATE_PROXIES',
]);

/** A value as a message can show it. */
const quote = (value = ''): string =>
  JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);

/** Reads the settings from environment variables. An empty variable counts as absent. Throws SettingsError. */
export function loadSettings(environment: Record<string, string | undefined>): Settings {
  const { settings, problems } = readSettings(environment);
  if (!settings) throw new SettingsError(problems);
  return settings;
}

function validFields(given: Record<string, string | undefined>): Partial<Parsed> {
  const entries = Object.entries(schema.shape).map(([name, field]) => {
    const { success, data } = field.safeParse(given[name]);
    return [name, success ? { data } : undefined] as const;
  });
  return Object.fromEntries(
    entries.flatMap(([name, read]) => (read ? [[name, read.data] as const] : [])),
  );
}

/** Adds the defaults that depend on other settings, except on wrong ones. */
function withDerived(read: Partial<Parsed>): Partial<Settings> {
  const isReadable = 'DATABASE_URL' in read;
  const url =
    read.DATABASE_URL ??
    (isReadable && read.DATA_DIR ? `pglite:${path.join(read.DATA_DIR, 'db')}` : undefined);
  const {
    DATABASE_URL: _,
    CLIENT_METADATA_DOCUMENTS,
    DIALECTS,
    DATASETTE_DEVICE_FLOW,
    SHUTDOWN_DELAY_SECONDS,
    WEB_CONCURRENCY,
    ...rest
  } = read;
  const embedded = url?.startsWith('pglite:');
  return {
    ...rest,
    ...(url !== undefined && {
      DATABASE_URL: url,
      CLIENT_METADATA_DOCUMENTS: CLIENT_METADATA_DOCUMENTS ?? (embedded ? 'open' : 'off'),
      DIALECTS: DIALECTS ?? (embedded ? dialectNames : []),
      chosenDialects: DIALECTS ?? [],
      DATASETTE_DEVICE_FLOW: DATASETTE_DEVICE_FLOW ?? (embedded ? 'on' : 'off'),
      SHUTDOWN_DELAY_SECONDS: SHUTDOWN_DELAY_SECONDS ?? (embedded ? 0 : 5),
      WEB_CONCURRENCY: readWorkerCount({ WEB_CONCURRENCY, DATABASE_URL: url }) ?? 1,
      embedded: embedded as boolean,
    }),
  };
}

/** Settings that are harmless for trying out, and dangerous if others depend on the server. */
function unsafeForOthers({
  DATABASE_URL = '',
  HOST,
  ISSUER,
  SECRET_KEYS,
  FACTOR_RESET_HOURS,
}: Record<string, string | undefined>): string[] {
  const problems: string[] = [];
  if (!DATABASE_URL.startsWith('postgres')) {
    const isOpen = HOST !== undefined && !isLoopback(HOST.includes(':') ? `[${HOST}]` : HOST);
    if (isOpen && ISSUER && URL.canParse(ISSUER) && !isLoopbackOrHttps(ISSUER))
      problems.push(
        `ISSUER: must be https if others can reach HOST ${HOST}: otherwise tokens and secrets are sent unencrypted; it is ${quote(ISSUER)}`,
      );
    return problems;
  }
  if (!SECRET_KEYS)
    problems.push('SECRET_KEYS: required on Postgres; create one: openssl rand -hex 32');
  if (/^0+$/.test(FACTOR_RESET_HOURS ?? ''))
    problems.push(
      'FACTOR_RESET_HOURS: must be at least 1 on Postgres: people need time to stop a reset that they did not ask for; it is "0"',
    );
  if (ISSUER && URL.canParse(ISSUER) && !isLoopbackOrHttps(ISSUER))
    problems.push(
      `ISSUER: must be https: otherwise tokens and secrets are sent unencrypted; it is ${quote(ISSUER)}`,
    );
  return problems;
}

/** Settings that need emails, if none can be sent. The embedded database shows them on a page. */
function unsendable({
  DATABASE_URL = '',
  REGISTRATION = 'off',
  SMTP_URL,
}: Record<string, string | undefined>): string[] {
  if (REGISTRATION === 'off' || SMTP_URL || !DATABASE_URL.startsWith('postgres')) return [];
  return [
    `REGISTRATION: needs SMTP_URL, because people confirm their email address with a link; it is ${quote(REGISTRATION)}`,
  ];
}

/** The embedded database is a part of its process. */
function unshareable(given: Record<string, string | undefined>): string[] {
  const { WEB_CONCURRENCY } = given;
  if (readWorkerCount(given) !== undefined) return [];
  return [
    `WEB_CONCURRENCY: must be 1 on the embedded database, which belongs to one process; set DATABASE_URL to a Postgres for more; it is ${quote(WEB_CONCURRENCY)}`,
  ];
}

/** Settings of client certificates that need others. */
function withoutProxies(given: Record<string, string | undefined>): string[] {
  const {
    CLIENT_CERTIFICATE_HEADER: header,
    CLIENT_CERTIFICATE_PROXIES: proxies,
    TRUST_PROXY: trusted = 'false',
  } = given;
  if (header !== undefined) {
    const problems: string[] = [];
    if (['false', '0'].includes(trusted))
      problems.push(
        `CLIENT_CERTIFICATE_HEADER: needs TRUST_PROXY, the number of your proxies; it is ${quote(header)}`,
      );
    if (proxies === undefined)
      problems.push(
        `CLIENT_CERTIFICATE_HEADER: needs CLIENT_CERTIFICATE_PROXIES, because anyone else can send the header; it is ${quote(header)}`,
      );
    return problems;
  }
  return (['PROXIES', 'AUTHORITIES', 'URL'] as const)
    .map((name) => `CLIENT_CERTIFICATE_${name}`)
    .filter((name) => given[name] !== undefined)
    .map(
      (name) =>
        `${name}: needs CLIENT_CERTIFICATE_HEADER, the header of your proxy; it is ${quote(given[name])}`,
    );
}

/** The sender of an email. */
export interface Mailbox {
  name?: string;
  address: string;
}

/** Parses an address, or a name and an address: the common subset of RFC 5322 §3.4. */
function readMailbox(text: string): Mailbox | undefined {
  const [, quoted, plain, inBrackets, bare] =
    /^\s*(?:(?:"([^"]*)"|([^"<>]*?))\s*<([^<>]*)>|(\S+))\s*$/.exec(text) ?? [];
  const name = (quoted ?? plain)?.trim();
  const address = inBrackets ?? bare ?? '';
  if (address.length > 254 || !/^[^\s@<>()[\]\\,;:"]+@[^\s@<>()\\,;:"]+$/.test(address))
    return undefined;
  if (name && /\p{Cc}/u.test(name)) return undefined;
  return { ...(name && { name }), address };
}

/** Whether a text is an origin on https. */
const isOrigin = (text: string): boolean =>
  text.startsWith('https://') && URL.canParse(text) && new URL(text).origin === text;

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

/** The heading of each setting on the page on settings, in its order. */
const headings = {
  ISSUER: 'To run on Postgres',
  DATABASE_URL: 'To run on Postgres',
  SECRET_KEYS: 'To run on Postgres',
  DATA_DIR: 'Storage',
  DATABASE_POOL_SIZE: 'Storage',
  REDIS_URL: 'Storage',
  HOST: 'Network',
  PORT: 'Network',
  ADMIN_PORT: 'Network',
  ADMIN_HOST: 'Network',
  METRICS_PORT: 'Network',
  METRICS_HOST: 'Network',
  TRUST_PROXY: 'Network',
  PRIVATE_CLIENT_URLS: 'Network',
  CLIENT_CERTIFICATE_HEADER: 'Client certificates',
  CLIENT_CERTIFICATE_PROXIES: 'Client certificates',
  CLIENT_CERTIFICATE_AUTHORITIES: 'Client certificates',
  CLIENT_CERTIFICATE_URL: 'Client certificates',
  CLIENT_METADATA_DOCUMENTS: 'Features',
  CLIENT_REGISTRATION: 'Features',
  HSTS_MAX_AGE_SECONDS: 'Network',
  APPS: 'Features',
  DIALECTS: 'Features',
  DATASETTE_DEVICE_FLOW: 'Features',
  DPOP_NONCE: 'Features',
  BRAND_NAME: 'Brand and links',
  BRAND_LOGO: 'Brand and links',
  BRAND_COLOR: 'Brand and links',
  BRAND_STYLE: 'Brand and links',
  SUPPORT_URL: 'Brand and links',
  SUPPORT_EMAIL: 'Brand and links',
  TERMS_URL: 'Brand and links',
  PRIVACY_URL: 'Brand and links',
  LANGUAGES: 'Brand and links',
  REGISTRATION: 'Registration',
  REGISTRATION_DOMAINS: 'Registration',
  REGISTRATION_ROLES: 'Registration',
  SMTP_URL: 'Emails',
  MAIL_FROM: 'Emails',
  REFRESH_TOKEN_DAYS: 'Logins and sessions',
  REFRESH_TOKEN_IDLE_DAYS: 'Logins and sessions',
  SESSIONS_PER_ACCOUNT: 'Logins and sessions',
  SIGN_IN_CHALLENGE: 'Logins and sessions',
  PASSKEY_ORIGINS: 'Logins and sessions',
  SECOND_FACTOR: 'Second factors',
  SECOND_FACTOR_DAYS: 'Second factors',
  FACTOR_RESET_HOURS: 'Second factors',
  REMEMBERED_BROWSER_DAYS: 'Second factors',
  SIGNING_KEY_ROTATION_DAYS: 'Signing keys',
  JWKS_MAX_AGE_SECONDS: 'Signing keys',
  CHANGE_RETENTION_DAYS: 'Retention',
  AUDIT_RETENTION_DAYS: 'Retention',
  LIMITS: 'Rate limits and load',
  WEB_CONCURRENCY: 'Rate limits and load',
  MAX_CONNECTIONS: 'Rate limits and load',
  MAX_REQUESTS: 'Rate limits and load',
  REQUEST_TIMEOUT_SECONDS: 'Rate limits and load',
  LOG_LEVEL: 'Log and stopping',
  LOG_FORMAT: 'Log and stopping',
  AUDIT_LOG: 'Log and stopping',
  SHUTDOWN_DELAY_SECONDS: 'Log and stopping',
  SHUTDOWN_TIMEOUT_SECONDS: 'Log and stopping',
} as const satisfies Record<keyof Parsed, string>;

export interface SettingDescription {
  name: string;
  /** The heading that it is listed under. */
  group: string;
  /** A value as `value`, or words for a default that depends on other settings. */
  default: { value: string } | { words: string };
  meaning: string;
  /** What a change does to what exists, in addition to the restart that every change needs. */
  change: string;
  /** The settings that its default follows. */
  derivedFrom: readonly string[];
}

/** Defaults that follow other settings. */
const derivedFrom: Partial<Record<keyof Parsed, readonly (keyof Parsed)[]>> = {
  ISSUER: ['PORT'],
  HOST: ['DATABASE_URL'],
  DATABASE_URL: ['DATA_DIR'],
  CLIENT_METADATA_DOCUMENTS: ['DATABASE_URL'],
  DIALECTS: ['DATABASE_URL'],
  DATASETTE_DEVICE_FLOW: ['DATABASE_URL'],
  SHUTDOWN_DELAY_SECONDS: ['DATABASE_URL'],
  MAIL_FROM: ['ISSUER', 'BRAND_NAME'],
};

/** The name, default and meaning of each setting, for the docs, by their headings. */
export const describeSettings = (): SettingDescription[] =>
  Object.entries(headings).map(([name, group]) => {
    const field = schema.shape[name as keyof Parsed];
    const [, meaning = '', words = 'none'] =
      /^(.*?)(?:\. Default: (.*))?$/.exec(field.description ?? '') ?? [];
    const { data } = field.safeParse(undefined);
    const value =
      name === 'DATA_DIR' ? defaultDataDirectory : name === 'TRUST_PROXY' ? 'false' : data;
    const isShown = value !== undefined && typeof value !== 'object';
    return {
      name,
      group,
      default: isShown ? { value: String(value) } : { words },
      meaning,
      change: settingChanges[name as keyof Parsed],
      derivedFrom: derivedFrom[name as keyof Parsed] ?? [],
    };
  });
