/**
 * `dclient login`: the device flow (RFC 8628) without a client_id, on Writ's own endpoints and page, with a built-in
 * public client.
 */
import type { Context } from 'koa';
import { datasetteDeviceClientId } from '../../../config/clients.ts';
import { formatUserCode, parseUserCode } from '../../domain/grants/device/user-code.ts';
import { queryValue, readForm, rememberBody } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { endpoints } from '../../oauth/paths.ts';
import type { Handler } from '../framework/dialect.ts';
import { forward } from '../framework/forward.ts';
import { forbidden, refuseToken } from './errors.ts';
import { datasetteResource, unrestrictedScope } from './resource.ts';
import { detailsOf, InvalidScope, parseScopes } from './scopes.ts';

export interface DeviceLoginOptions {
  issuer: string;
  isDeviceFlowOn: boolean;
}

/** The page on which a person approves, at Datasette's path. */
const verifyPath = '/-/oauth/device/verify';

/** Redeems a code; `form` contains the fields of the request. */
export type Redeem = (
  ctx: Context,
  form: Readonly<Record<string, string>>,
  next: () => Promise<unknown>,
) => Promise<void>;

export function createDeviceLogin({ issuer, isDeviceFlowOn }: DeviceLoginOptions): Record<
  'start' | 'showPage' | 'redirectToPage',
  Handler
> & {
  redeem: Redeem;
} {
  const requireDeviceFlow = (): void => {
    if (!isDeviceFlowOn) throw flowIsOff();
  };

  return {
    /** Anyone can request a code. `scope` is JSON; without it, or with an empty list, the token is unrestricted. */
    async start(ctx, _parameters, next) {
      requireDeviceFlow();
      const details = detailsOf(parseScopes(await readScope(ctx)));
      await ask(ctx, next, endpoints.device_authorization, {
        resource: datasetteResource,
        ...(details.length > 0
          ? { authorization_details: JSON.stringify(details) }
          : { scope: unrestrictedScope }),
      }).catch((error: unknown) => {
        throw isAbout(error, 'authorization_details') ? new InvalidScope({ cause: error }) : error;
      });
      const response = ctx.body as Record<string, unknown>;
      if (ctx.status !== 200) throw refusalOf(ctx.status, response);
      ctx.body = {
        device_code: response['device_code'],
        user_code: response['user_code'],
        verification_uri: urlOf(issuer, verifyPath),
        expires_in: response['expires_in'],
        interval: response['interval'],
      };
    },

    /** Writ's own page for devices, with the code filled in. */
    async showPage(ctx, _parameters, next) {
      requireDeviceFlow();
      refuseToken(ctx);
      const typed = queryValue(ctx, 'code')?.trim() ?? '';
      const { querystring } = ctx;
      ctx.querystring = typed ? new URLSearchParams({ user_code: shown(typed) }).toString() : '';
      try {
        await forward(ctx, '/device', next);
      } finally {
        ctx.querystring = querystring;
      }
    },

    /** Redirects to the page with the code: only the form of that page can approve. */
    async redirectToPage(ctx) {
      requireDeviceFlow();
      refuseToken(ctx);
      const { code = '' } = await readForm(ctx, { code: { max: 40 } });
      const query = new URLSearchParams({ code: shown(code.trim()) });
      ctx.status = 303;
      ctx.redirect(`${verifyPath}?${query}`);
    },

    async redeem(ctx, { device_code: deviceCode = '' }, next) {
      if (!isDeviceFlowOn) throw flowIsOff();
      await ask(ctx, next, endpoints.token, {
        grant_type: grantTypes.deviceCode,
        device_code: deviceCode,
      });
    },
  };
}

const flowIsOff = () => forbidden('Device flow is not enabled');

/** A user code as devices show it; other input only in capitals. */
function shown(typed: string): string {
  const code = parseUserCode(typed);
  return code === undefined ? typed.toUpperCase() : formatUserCode(code);
}

/** The `scope` parameter. Throws InvalidScope if it cannot be read. */
async function readScope(ctx: Context): Promise<string> {
  try {
    const { scope = '[]' } = await readForm(ctx, { scope: {} });
    return scope;
  } catch (cause) {
    throw isAbout(cause, 'scope') ? new InvalidScope({ cause }) : cause;
  }
}

const isAbout = (error: unknown, parameter: string): boolean =>
  error instanceof OAuthError && error.parameter === parameter;

/** Calls one of Writ's endpoints as the built-in client. */
async function ask(
  ctx: Context,
  next: () => Promise<unknown>,
  path: string,
  fields: Record<string, string>,
): Promise<void> {
  delete ctx.req.headers.authorization;
  const form = new URLSearchParams({ client_id: datasetteDeviceClientId, ...fields });
  rememberBody(ctx.req, Buffer.from(form.toString()));
  await forward(ctx, path, next);
}

/** Translates a refused device authorization. If the client is unknown or unauthorized, an administrator has disabled it or removed its grant. */
function refusalOf(
  status: number,
  { error, error_description: description }: Record<string, unknown>,
): OAuthError {
  if (error === 'invalid_authorization_details') return new InvalidScope();
  if (error === 'invalid_client' || error === 'unauthorized_client' || error === 'invalid_target')
    return flowIsOff();
  return new OAuthError(
    status >= 500 ? 'temporarily_unavailable' : 'invalid_request',
    String(description ?? error),
  );
}
