/**
 * The authorization code flow of registered clients (RFC 6749 §4.1), on Writ's own endpoints and consent page. Scopes are
 * translated to authorization details, which the person can untick one by one.
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

/** The parameters that are forwarded to Writ's endpoint unchanged. */
const forwardedParameters = ['state', 'code_challenge', 'code_challenge_method'] as const;

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
  /** A client that can use this flow: one with this resource and a secret. */
  const registered = async (clientId: string | undefined): Promise<Client | undefined> => {
    const client = clientId ? await clients(clientId) : undefined;
    return client?.resources.includes(datasetteResource) && authenticatesBySecret(client.metadata)
      ? client
      : undefined;
  };

  return {
    /** Reports errors directly, as Datasette does, until the client and its redirect URI are verified. */
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
          forwardedParameters.flatMap((name) =>
            query[name] === undefined ? [] : [[name, query[name]]],
          ),
        ),
      }).toString();
      try {
        await forward(ctx, endpoints.authorization, next);
      } finally {
        ctx.querystring = querystring;
      }
    },

    /** Does not redeem codes of clients of other resources, whatever their secret. */
    async redeem(ctx, form, next) {
      const client = await registered(form['client_id']);
      if (!client) throw new OAuthError('invalid_client', 'The client does not exist.');
      await ask(ctx, next, {
        grant_type: grantTypes.authorizationCode,
        client_id: client.clientId,
        client_secret: form['client_secret'] ?? '',
        // A missing value must fail as an invalid code, after the client is authenticated.
        code: form['code'] ?? 'none',
        redirect_uri: form['redirect_uri'] ?? 'none',
        ...(form['code_verifier'] !== undefined && { code_verifier: form['code_verifier'] }),
      });
    },
  };
}

const badRequest = (sentence: string) => new OAuthError('invalid_request', sentence);

/** Compares exactly: even the port of a loopback URI must match. */
const isExactly = ({ metadata }: Client, redirectUri: string): boolean =>
  ((metadata['redirect_uris'] as string[] | undefined) ?? []).includes(redirectUri);

/** Requires at least one scope: only device logins get unrestricted tokens. Throws InvalidScope. */
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
