import { type Command, Option } from 'commander';
import { grantTypes } from '../oauth/grant-types.ts';
import type { Json } from './api-client.ts';
import { collect, collectSeconds, length } from './arguments.ts';
import type { Field } from './edits.ts';
import { Failure } from './failure.ts';
import { readGiven } from './given-files.ts';

/** The name of a grant; that of the device grant (RFC 8628 §3.4) is too long to be remembered. */
const grantTypeOf = (text: string): string =>
  text === 'device_code' ? grantTypes.deviceCode : text;

/** What `clients create` and `clients update` can set. */
export const clientFields: Field[] = [
  { option: 'name', name: 'client_name', holds: 'one' },
  { option: 'role', name: 'roles', holds: 'list' },
  { option: 'grant', name: 'grant_types', holds: 'list', item: grantTypeOf },
  { option: 'scope', name: 'scope', holds: 'words' },
  { option: 'resource', name: 'resources', holds: 'list' },
  { option: 'resource-server-for', name: 'resource_server_for', holds: 'list' },
  { option: 'redirect-uri', name: 'redirect_uris', holds: 'list' },
  { option: 'id-token-alg', name: 'id_token_signed_response_alg', holds: 'one' },
  { option: 'access-token-ttl', name: 'access_token_ttl', holds: 'one' },
  { option: 'authorization-code-ttl', name: 'authorization_code_ttl', holds: 'one' },
  { option: 'refresh-token-ttl', name: 'refresh_token_ttl', holds: 'one' },
  { option: 'refresh-token-idle-ttl', name: 'refresh_token_idle_ttl', holds: 'one' },
  { option: 'rotate-refresh-tokens', name: 'rotate_refresh_tokens', holds: 'one' },
  {
    option: 'device-lifetime',
    name: 'device_lifetimes',
    holds: 'list',
    item: Number,
    removable: true,
  },
  { option: 'enforce-polling-interval', name: 'enforce_polling_interval', holds: 'one' },
  { option: 'token-endpoint-audience', name: 'token_endpoint_audience', holds: 'one' },
  { option: 'require-pkce', name: 'require_pkce', holds: 'one' },
];

/** What people log in by a code has no secret, and stays logged in. */
export const deviceGrants = [grantTypes.deviceCode, grantTypes.refreshToken];

/** What signs the ID tokens of a client, of an app or of none. */
export const idTokenAlg = (): Option =>
  new Option(
    '--id-token-alg <alg>',
    'what signs its ID tokens: RS256 where nothing is said',
  ).choices(['RS256', 'ES256', 'EdDSA']);

/** The options for those fields, and for the keys of a client. */
export const addClientOptions = (command: Command): Command =>
  command
    .option('--name <name>', 'what people call it')
    .option('--role <role>', 'a role that its tokens carry', collect)
    .option('--grant <grant_type>', 'client_credentials, device_code …', collect)
    .option('--scope <scope>', 'a scope it may ask for', collect)
    .option('--resource <identifier>', 'a resource it may ask tokens for', collect)
    .option('--resource-server-for <identifier>', 'one whose tokens it may introspect', collect)
    .option('--redirect-uri <uri>', 'where it receives authorization codes', collect)
    .addOption(idTokenAlg())
    .option('--access-token-ttl <time>', 'how long its access tokens live: 3600, 1h, 30d', length)
    .option('--authorization-code-ttl <time>', 'how long its codes live: 60, 10m at most', length)
    .option('--refresh-token-ttl <time>', 'how long a login lasts in all', length)
    .option('--refresh-token-idle-ttl <time>', 'how long one may go unused', length)
    .option('--rotate-refresh-tokens', 'each refresh gives it a new refresh token')
    .option('--no-rotate-refresh-tokens', 'it keeps its refresh token')
    .option('--device-lifetime <seconds>', 'how long a login on a device may last', collectSeconds)
    .addOption(new Option('--enforce-polling-interval').hideHelp())
    .option('--no-enforce-polling-interval', 'a device may ask as often as it likes')
    .option('--require-pkce', 'each of its authorization requests has a code_challenge')
    .option('--no-require-pkce', 'it may leave out both code_challenge and nonce')
    .option('--jwks <file>', 'its public keys, for private_key_jwt')
    .option('--token-endpoint-audience', 'its assertions may name the token endpoint')
    .option('--no-token-endpoint-audience', 'they name the issuer alone');

/** Whether a client sends people to the authorization endpoint follows from its grants (RFC 7591 §2.1). */
export const withResponseTypes = (fields: Json): Json =>
  Array.isArray(fields['grant_types'])
    ? {
        ...fields,
        response_types: fields['grant_types'].includes('authorization_code') ? ['code'] : [],
      }
    : fields;

/** The public keys in a file, for a client that has them instead of a secret. */
export async function readKeys(file: string | undefined): Promise<Json> {
  if (!file) return {};
  const text = await readGiven(file);
  try {
    return { jwks: JSON.parse(text) };
  } catch (cause) {
    throw new Failure(`${file} holds no JSON (${(cause as Error).message}).`, {
      remedy: 'Give the file of a JWK Set: {"keys":[…]} (RFC 7517 §5).',
      cause,
    });
  }
}
