/**
 * DYNAMIC CLIENT REGISTRATION (RFC 7591) at `/connect/register`, and its management (RFC 7592) below it. The engine's own is
 * switched off: clients are stored with epochs and hashed secrets, by `domain/clients`.
 */
import type { Context, Middleware } from 'koa';
import type {
  RegisteredBySelf,
  Registrations,
} from '../domain/clients/registrations/registrations.ts';
import { IssuedTokenRefusal } from '../domain/issuers/types.ts';
import type { VerifyIssued } from '../domain/issuers/verify.ts';
import { parseAuthorization } from '../http/authorization.ts';
import { readText } from '../http/form.ts';
import { parseJson } from '../http/json.ts';
import { bearerChallenge } from '../oauth/challenges.ts';
import { OAuthError } from '../oauth/errors.ts';
import { urlOf } from '../oauth/issuer.ts';
import { endpoints } from '../oauth/paths.ts';

interface Dependencies {
  issuer: string;
  isOn: boolean;
  registrations: Registrations;
  verifyIssued: VerifyIssued;
}

type Metadata = Record<string, unknown>;

const base = endpoints.registration;

/** The endpoint. Its errors are those of RFC 7591 §3.2.2 and RFC 6750 §3.1. */
export function createClientRegistration({
  issuer,
  isOn,
  registrations,
  verifyIssued,
}: Dependencies): Middleware {
  const describe = ({ client, secret, token }: RegisteredBySelf) => ({
    client_id: client.client_id,
    client_id_issued_at: Math.floor(client.created_at.getTime() / 1000),
    ...(secret !== undefined && { client_secret: secret, client_secret_expires_at: 0 }),
    ...client.metadata,
    registration_access_token: token,
    registration_client_uri: urlOf(issuer, `${base}/${encodeURIComponent(client.client_id)}`),
  });

  /** The metadata of the body; the claims of a software statement win (RFC 7591 §2.3). */
  const metadataIn = async (ctx: Context): Promise<Metadata> => {
    if (!ctx.is('application/json'))
      throw new OAuthError(
        'unsupported_media_type',
        'Send the metadata as JSON, with Content-Type: application/json.',
      );
    const body = parseJson(await readText(ctx));
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new OAuthError('invalid_client_metadata', 'The body must be a JSON object.');
    const { software_statement: statement, ...given } = body as Metadata;
    return statement === undefined
      ? given
      : { ...given, ...(await claimsOf(statement, verifyIssued)) };
  };

  const handle = async (ctx: Context): Promise<void> => {
    const clientId = clientIdIn(ctx.path);
    const token = tokenIn(ctx);
    if (clientId === undefined) {
      ctx.body = describe(await registrations.register(() => metadataIn(ctx), token));
      ctx.status = 201;
    } else if (ctx.method === 'GET' || ctx.method === 'HEAD')
      ctx.body = describe(await registrations.read(clientId, token));
    else if (ctx.method === 'PUT')
      ctx.body = describe(await registrations.update(clientId, () => metadataIn(ctx), token));
    else if (ctx.method === 'DELETE') {
      await registrations.delete(clientId, token);
      ctx.status = 204;
    } else {
      ctx.set('Allow', 'GET, HEAD, PUT, DELETE');
      throw new OAuthError(
        'method_not_allowed',
        `${ctx.method} is not supported at this endpoint. Use GET, PUT or DELETE.`,
      );
    }
  };

  return async (ctx, next) => {
    if (ctx.path !== base && !ctx.path.startsWith(`${base}/`)) return next();
    if (!isOn)
      throw new OAuthError('not_found', 'Clients cannot register themselves at this server.');
    if (ctx.path === base && ctx.method !== 'POST') return next();
    ctx.set('Cache-Control', 'no-store');
    try {
      await handle(ctx);
    } catch (error) {
      const refusal = asRegistrationError(error);
      if (refusal instanceof OAuthError && refusal.code === 'invalid_token')
        ctx.set(
          'WWW-Authenticate',
          bearerChallenge(ctx.get('authorization'), refusal, { realm: issuer }),
        );
      throw refusal;
    }
  };
}

/** The client that a path names; undefined for the endpoint itself. */
function clientIdIn(path: string): string | undefined {
  if (path === base) return undefined;
  try {
    return decodeURIComponent(path.slice(base.length + 1));
  } catch {
    return '';
  }
}

/** The bearer token of a request; undefined without an Authorization header. */
function tokenIn(ctx: Context): string | undefined {
  const header = ctx.get('authorization');
  if (!header) return undefined;
  const { scheme, token68 } = parseAuthorization(header) ?? {};
  return (scheme === 'bearer' && token68) || '';
}

/** Errors of the rules of clients, with the codes of a registration (RFC 7591 §3.2.2). */
function asRegistrationError(error: unknown): unknown {
  if (!(error instanceof OAuthError) || error.code !== 'invalid_request') return error;
  const { parameter = '' } = error;
  if (/^redirect_uris\b/.test(parameter))
    return new OAuthError('invalid_redirect_uri', error.message, { parameter, cause: error });
  return parameter === '' || parameter === 'client_id' || parameter === 'client_secret'
    ? error
    : new OAuthError('invalid_client_metadata', error.message, { parameter, cause: error });
}

/** Claims of a JWT that are no metadata of the client. */
const registered = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'software_statement'];

/**
 * The metadata in a software statement (RFC 7591 §2.3) of a trusted issuer. Throws `invalid_software_statement` if it is not
 * a JWT, and `unapproved_software_statement` if it is not accepted.
 */
async function claimsOf(statement: unknown, verifyIssued: VerifyIssued): Promise<Metadata> {
  const parameter = 'software_statement';
  if (typeof statement !== 'string' || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(statement))
    throw new OAuthError('invalid_software_statement', 'software_statement must be a signed JWT.', {
      parameter,
    });
  try {
    const { claims } = await verifyIssued(statement, {
      use: 'software_statements',
      audienceIsOptional: true,
      expiryIsOptional: true,
    });
    return Object.fromEntries(
      Object.entries(claims).filter(([name]) => !registered.includes(name)),
    );
  } catch (cause) {
    if (!(cause instanceof IssuedTokenRefusal)) throw cause;
    throw new OAuthError('unapproved_software_statement', cause.sentence, {
      parameter,
      cause,
      reason: cause.message,
    });
  }
}
