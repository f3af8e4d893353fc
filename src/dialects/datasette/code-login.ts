/**
 * The authorization code flow of registered clients (RFC 6749 §4.1), by Writ's own endpoints and consent page: scopes
 * travel as authorization details, of which the person unticks what they like.
 */
import type { Context } from 'koa';
import { authenticatesBySecret } from '../../domain/clients/client-types.ts';
import type { Client, ClientLookup } from '../../domain/clients/lookup.ts';
import { formOf, parsePairs, rememberBody } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { endpoints } from '../../oauth/paths.ts';
import type { Handler } from '../framework/dialect.ts';
import { forward } from '../framework/forward.ts';
import type { Redeem } from './device-login.ts';
import { refuseToken } from './errors.ts';
import { datasetteResource } from './resource.ts';
import { type DatasetteScope, detailsOf, InvalidScope, parseScopes } from './scopes.ts';

export interface CodeLoginDependencies {
  clients: ClientLookup;
}

/** What of a request goes on to Writ's endpoint as it is. */
const passedOn = ['state', 'code_challenge', 'code_challenge_method'] as const;

const parameters = {
  client_id: { max: 500 },
  redirect_uri: { max: 2_000, ascii: true },
  response_type: { max: 64, ascii: true },
  scope: {},
  state: { max: 2_048 },
  code_challenge: { max: 128, ascii: true },
  code_challenge_method: { max: 16, ascii: true },
} as const;

export function createCodeLogin({ clients }: CodeLoginDependencies): {
  authorize: Handler;
  redeem: Redeem;
} {
  /** A client that may log people in here: of this resource, and with a secret. */
  const registered = async (clientId: string | undefined): Promise<Client | undefined> => {
    const client = clientId ? await clients(clientId) : undefined;
    return client?.resources.includes(datasetteResource) && authenticatesBySecret(client.metadata)
      ? client
      : undefined;
  };

  return {
    /** Errors are answered here, in Datasette's words, until the client and its redirect URI are known. */
    async authorize(ctx, _parameters, next) {
      refuseToken(ctx);
      const query = formOf(parsePairs(ctx.querystring, parameters));
      const { client_id: clientId, redirect_uri: redirectUri = '', response_type: type } = query;
      const client = await registered(clientId);
      if (!client) throw badRequest('Invalid client_id');
      if (!isExactly(client, redirectUri)) throw badRequest('redirect_uri mismatch');
      if (type !== undefined && type !== 'code') throw badRequest('Invalid response_type');
      const details = detailsOf(scopesIn(query['scope']));
      const { querystring } = ctx;
      ctx.querystring = new URLSearchParams({
        client_id: client.clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        resource: datasetteResource,
        authorization_details: JSON.stringify(details),
        ...Object.fromEntries(
          passedOn.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])),
        ),
      }).toString();
      try {
        await forward(ctx, endpoints.authorization, next);
      } finally {
        ctx.querystring = querystring;
      }
    },

    /** A code of a client that is not of here is never redeemed here, whatever its secret. */
    async redeem(ctx, form, next) {
      const client = await registered(form['client_id']);
      if (!client) throw new OAuthError('invalid_client', 'There is no such client.');
      await ask(ctx, next, {
        grant_type: grantTypes.authorizationCode,
        client_id: client.clientId,
        client_secret: form['client_secret'] ?? '',
        // What is not there is no good code, once the client is known.
        code: form['code'] ?? 'none',
        redirect_uri: form['redirect_uri'] ?? 'none',
        ...(form['code_verifier'] !== undefined && { code_verifier: form['code_verifier'] }),
      });
    },
  };
}

const badRequest = (sentence: string) => new OAuthError('invalid_request', sentence);

/** Not even the port of a program on this computer may be another. */
const isExactly = ({ metadata }: Client, redirectUri: string): boolean =>
  ((metadata['redirect_uris'] as string[] | undefined) ?? []).includes(redirectUri);

/** A client of this flow asks for something: only devices get unrestricted tokens. Throws InvalidScope. */
function scopesIn(text: string | undefined): DatasetteScope[] {
  const scopes = parseScopes(text ?? '');
  if (scopes.length === 0) throw new InvalidScope();
  return scopes;
}

async function ask(
  ctx: Context,
  next: () => Promise<unknown>,
  fields: Record<string, string>,
): Promise<void> {
  delete ctx.req.headers.authorization;
  rememberBody(ctx.req, Buffer.from(new URLSearchParams(fields).toString()));
  await forward(ctx, endpoints.token, next);
}
