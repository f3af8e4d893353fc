/** `/authn/verify/{appId}/{challenge}`: an app sends a person here, who signs in and allows or denies access. */
import type { ClientLookup } from '../../../domain/clients/lookup.ts';
import { endpoints } from '../../../oauth/paths.ts';
import { accessCodeMode } from '../../../oauth/response-modes.ts';
import type { Handler } from '../../framework/dialect.ts';
import { forward } from '../../framework/forward.ts';
import { codeChallenge } from './challenge.ts';
import { requestOf } from './request.ts';

/**
 * Forwards to an authorization request (RFC 6749 §4.1.1) for everything that the app is registered with. Errors appear on
 * the pages of that request.
 */
export const createVerify =
  ({ clients }: { clients: ClientLookup }): Handler =>
  async (ctx, { appId = '', challenge = '' }, next) => {
    const client = await clients(appId);
    const request = client && requestOf(client);
    ctx.querystring = new URLSearchParams({
      client_id: appId,
      response_type: 'code',
      response_mode: accessCodeMode,
      code_challenge: codeChallenge(challenge),
      code_challenge_method: 'S256',
      ...(request && {
        redirect_uri: request.redirectUri,
        resource: request.resource,
        ...(request.scope !== undefined && { scope: request.scope }),
      }),
    }).toString();
    await forward(ctx, endpoints.authorization, next);
  };
