import { authenticatesBySecret } from '../domain/clients/client-types.ts';
import type { Client, ClientLookup } from '../domain/clients/lookup.ts';
import type { ClientSecrets } from '../domain/clients/secrets.ts';
import type { Form } from '../http/form.ts';
import { OAuthError } from '../oauth/errors.ts';

/** A client id and what was presented with it (RFC 6749 §2.3.1). */
export interface PresentedCredentials {
  clientId: string;
  secret: string | undefined;
  /** In the Authorization header, where a refusal has to name the scheme. */
  basic: boolean;
}

/** Reads the credentials of a request; `invalid_request` where there are none, or more than one. */
export function readCredentials(header: string, form: Form): PresentedCredentials {
  const { client_id: clientId, client_secret: secret } = form;
  if (!header) {
    if (!clientId)
      throw new OAuthError(
        'invalid_request',
        'Authenticate the client: client_id and client_secret, in the Authorization header or the body.',
      );
    return { clientId, secret, basic: false };
  }
  if (secret) throw new OAuthError('invalid_request', 'Authenticate the client in one way only.');
  const fromHeader = parseBasic(header);
  if (clientId && clientId !== fromHeader.clientId)
    throw new OAuthError('invalid_request', 'Header and body name different clients.');
  return { ...fromHeader, basic: true };
}

function parseBasic(header: string): { clientId: string; secret: string } {
  const encoded = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  const text = encoded ? Buffer.from(encoded, 'base64').toString('utf8') : '';
  const colon = text.indexOf(':');
  if (colon < 1) throw malformed();
  return { clientId: decode(text.slice(0, colon)), secret: decode(text.slice(colon + 1)) };
}

/** Both parts are form-encoded before they are joined. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    throw malformed();
  }
}

const malformed = () =>
  new OAuthError(
    'invalid_request',
    'The Authorization header is not the Basic scheme of RFC 6749 §2.3.1.',
  );

/** Finds the client and checks its secret. An unknown client and a wrong secret get the same answer. */
export function createAuthenticate({
  clients,
  secrets,
}: {
  clients: ClientLookup;
  secrets: ClientSecrets;
}) {
  /** Requests of one tick share one reading of their client; of these, each secret is checked once. */
  const checked = new WeakMap<Client, Map<string, Promise<boolean>>>();

  return async ({ clientId, secret }: PresentedCredentials): Promise<Client> => {
    const client = await clients(clientId);
    if (!client || !(await isAuthentic(client, secret)))
      throw new OAuthError('invalid_client', 'client authentication failed');
    return client;
  };

  async function isAuthentic(client: Client, secret: string | undefined): Promise<boolean> {
    if (isPublicClient(client)) return secret === undefined;
    if (!authenticatesBySecret(client.metadata)) return false;
    return secret !== undefined && matches(client, secret);
  }

  function matches(client: Client, secret: string): Promise<boolean> {
    const known = checked.get(client) ?? new Map<string, Promise<boolean>>();
    const result = known.get(secret) ?? secrets.matches(client, secret);
    checked.set(client, known.set(secret, result));
    return result;
  }
}

export const isPublicClient = ({ metadata }: Client): boolean =>
  metadata['token_endpoint_auth_method'] === 'none';
