/**
 * What a change of each setting does to what exists already, in a sentence or two. A server reads its settings at its
 * start, so every change needs a restart; these sentences say what follows.
 */
export const settingChanges = {
  ISSUER:
    'An installation keeps its issuer: with another one the server does not start, because tokens, clients and passkeys are bound to it',
  HOST: 'Clients and proxies that use the old address no longer reach the server',
  PORT: 'Clients and proxies need the new port. Without ISSUER the issuer follows the port, and the server refuses to start on a database of another issuer',
  ADMIN_PORT: 'The console moves. People sign in again at its new address',
  ADMIN_HOST: 'The console is reached at the new address only',
  METRICS_PORT: 'Prometheus needs the new port',
  METRICS_HOST: 'Prometheus needs the new address',
  DATA_DIR:
    'The server uses what is in the new directory, and begins anew if that is empty. Move the old directory first',
  DATABASE_URL:
    'The server uses what is in the new database, and begins anew if that is empty. Nothing is moved',
  DATABASE_POOL_SIZE: 'Postgres must permit that many connections for each process',
  REDIS_URL:
    'Sign-ins, device codes and authorization codes in progress begin again. Tokens and sessions stay, since they are in Postgres',
  SECRET_KEYS:
    'Put a new key first and keep the old one until `writ keys reseal` has encrypted everything again. No token and no session ends. Without the old key the server does not start',
  TRUST_PROXY: 'The addresses of callers, by which rate limits count, are read anew',
  CLIENT_CERTIFICATE_HEADER:
    'Clients that authenticate with certificates, and tokens that are bound to them, work only with the right header',
  CLIENT_CERTIFICATE_PROXIES:
    'Certificates that other proxies pass on are ignored from the next request on',
  CLIENT_CERTIFICATE_AUTHORITIES:
    'Clients with certificates of a removed authority get no more tokens. Their tokens stay valid until they expire',
  CLIENT_CERTIFICATE_URL: 'Clients read it from the metadata, which they can cache',
  REFRESH_TOKEN_DAYS:
    'It applies from the next refresh on. A login that began under a longer lifetime keeps that',
  REFRESH_TOKEN_IDLE_DAYS:
    'It applies to refresh tokens from their next refresh on. Those that exist keep their expiry',
  DPOP_NONCE:
    'Clients with DPoP get `use_dpop_nonce` once, and then repeat the request by themselves',
  PRIVATE_CLIENT_URLS: 'It applies to the next URL that is opened',
  CLIENT_METADATA_DOCUMENTS:
    'Clients of hosts that are no longer accepted get no more tokens. Their tokens stay valid until they expire or are revoked',
  CLIENT_REGISTRATION: 'Clients that registered stay. Only new registrations are affected',
  SESSIONS_PER_ACCOUNT: 'Sessions end at the next sign-in of a person who has more',
  SECOND_FACTOR:
    'People without a factor set one up when they next sign in, or after SECOND_FACTOR_DAYS',
  SECOND_FACTOR_DAYS: 'It counts from the first sign-in under the requirement',
  FACTOR_RESET_HOURS: 'Resets that were already asked for keep their time',
  PASSKEY_ORIGINS: 'Passkeys stay. At a removed origin, people sign in without them',
  SIGN_IN_CHALLENGE: 'It applies to the next sign-in. Sessions stay',
  REMEMBERED_BROWSER_DAYS:
    'Browsers that are remembered stay so for as long as was promised. With 0 none is remembered anew',
  CHANGE_RETENTION_DAYS:
    'Older changes are deleted within minutes if it is shorter. What is deleted does not come back',
  AUDIT_RETENTION_DAYS:
    'Older months are deleted within minutes if it is shorter. What is deleted does not come back',
  AUDIT_LOG: 'Events from then on are written there. Older ones are not repeated',
  SIGNING_KEY_ROTATION_DAYS:
    'The present key signs until it has that age. Tokens that older keys signed stay valid',
  JWKS_MAX_AGE_SECONDS: 'A key that is announced waits for the new time',
  BRAND_NAME: 'Pages and emails show it at once. Authenticator apps keep the name of their set-up',
  BRAND_LOGO: 'Pages show it at once',
  BRAND_COLOR: 'Pages and emails have it at once',
  BRAND_STYLE: 'Pages have it at once',
  SUPPORT_URL: 'Pages and emails link to it at once',
  SUPPORT_EMAIL: 'Pages and emails name it at once',
  TERMS_URL: 'Pages link to them at once. People who have registered are not asked again',
  PRIVACY_URL: 'Pages link to it at once. People who have registered are not asked again',
  LANGUAGES: 'People whose language was removed see the first one',
  REGISTRATION: 'Accounts stay. Registrations that wait for approval can still be decided',
  REGISTRATION_DOMAINS: 'Accounts stay. Only new registrations are affected',
  REGISTRATION_ROLES: 'Accounts keep their roles. Only new registrations are affected',
  SMTP_URL: 'Emails that wait are sent through the new server',
  MAIL_FROM:
    'Emails that wait are sent from the new address, for which your mail server must answer',
  LIMITS: 'The counts of the present window stay. The new limits apply to the next request',
  DIALECTS:
    'Clients of a removed product get 404. Its API and the tokens for it stay. An added one creates its API',
  DATASETTE_DEVICE_FLOW: 'Tokens stay. Only new logins are affected',
  APPS: 'Apps, their clients and their tokens stay. Only the pages for them come and go',
  LOG_LEVEL: 'It applies to the next line',
  LOG_FORMAT: 'It applies to the next line. Programs that read the log must expect it',
  WEB_CONCURRENCY: 'Postgres must permit DATABASE_POOL_SIZE connections for each process',
  MAX_CONNECTIONS: 'It applies to each process',
  MAX_REQUESTS: 'It applies to each process',
  REQUEST_TIMEOUT_SECONDS: 'It applies to new connections',
  HSTS_MAX_AGE_SECONDS:
    'Browsers remember the longest time that they were sent, until they visit again',
  SHUTDOWN_DELAY_SECONDS: 'It applies when the new process stops',
  SHUTDOWN_TIMEOUT_SECONDS: 'It applies when the new process stops',
} as const;
