/** `/-/oauth/clients`: the clients that the person who is signed in in this browser registered. */
import type { Context } from 'koa';
import type { Session } from '../../domain/accounts/sessions.ts';
import type {
  RegisteredClient,
  RegisteredClients,
} from '../../domain/clients/registered-clients.ts';
import { type Form, readForm } from '../../http/form.ts';
import { isSameOrigin } from '../../http/same-origin.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Handler } from '../framework/dialect.ts';
import { forward } from '../framework/forward.ts';
import { forbidden, refuseToken } from './errors.ts';
import { datasetteResource } from './resource.ts';

export interface ClientsApiDependencies {
  issuer: string;
  registeredClients: RegisteredClients;
  /** The session of the browser. */
  sessionOf: (ctx: Context) => Promise<Session | undefined>;
}

export function createClientsApi({
  issuer,
  registeredClients,
  sessionOf,
}: ClientsApiDependencies): Record<'page' | 'list' | 'create' | 'update' | 'remove', Handler> {
  /** Throws Datasette's error if no one is signed in. */
  const personOf = async (ctx: Context): Promise<Session['account']> => {
    refuseToken(ctx);
    const session = await sessionOf(ctx);
    if (!session) throw forbidden('Authentication required');
    return session.account;
  };

  /** As `personOf`, for changes: also refuses forms of other sites, and sessions without a recent sign-in. */
  const personWhoChanges = async (ctx: Context): Promise<Session['account']> => {
    refuseToken(ctx);
    const session = await sessionOf(ctx);
    if (!session) throw forbidden('Authentication required');
    if (!isSameOrigin(ctx, issuer)) throw forbidden('Invalid CSRF token');
    if (session.mustEnrol)
      throw forbidden('Set up a second factor first: open a page of your account');
    if (session.lacksFactor)
      throw forbidden(
        'Confirm your second factor first: open a page of your account that changes something',
      );
    if (!session.recent) throw forbidden('Sign in again: the last time was too long ago');
    return session.account;
  };

  return {
    page: (ctx, _parameters, next) => {
      refuseToken(ctx);
      return forward(ctx, '/account/clients', next);
    },

    async list(ctx) {
      const clients = await registeredClients.list(await personOf(ctx), datasetteResource);
      respond(ctx, clients.map(describeClient));
    },

    async create(ctx) {
      const person = await personWhoChanges(ctx);
      const { client, secret } = await registeredClients.create(person, await readGiven(ctx));
      respond(ctx, {
        client_id: client.clientId,
        client_secret: secret,
        client_name: client.name,
        redirect_uri: client.redirectUri,
      });
    },

    async update(ctx, { id = '' }) {
      const person = await personWhoChanges(ctx);
      const given = await readGiven(ctx);
      const client = await registeredClients.update(person, { clientId: id, ...given });
      respond(ctx, {
        client_id: client.clientId,
        client_name: client.name,
        redirect_uri: client.redirectUri,
      });
    },

    async remove(ctx, { id = '' }) {
      await registeredClients.delete(await personWhoChanges(ctx), datasetteResource, id);
      respond(ctx, { ok: true });
    },
  };
}

function respond(ctx: Context, body: object): void {
  ctx.set('Cache-Control', 'no-store');
  ctx.body = body;
}

const describeClient = ({
  clientId,
  name,
  redirectUri,
  createdBy,
  createdAt,
}: RegisteredClient) => ({
  client_id: clientId,
  client_name: name,
  redirect_uri: redirectUri,
  created_by: createdBy,
  created_at: createdAt.toISOString().replace(/\.\d+Z$/, 'Z'),
});

/** Throws Datasette's `invalid_request` if a field is missing. */
async function readGiven(ctx: Context) {
  const form: Form = await readForm(ctx, {
    client_name: { max: 2_000 },
    redirect_uri: { max: 2_000 },
  });
  const name = form['client_name']?.trim();
  const redirectUri = form['redirect_uri']?.trim();
  if (!name || !redirectUri)
    throw new OAuthError('invalid_request', 'client_name and redirect_uri are required');
  return { name, redirectUri, resource: datasetteResource };
}
