/** `POST /-/oauth/token`: the token endpoint of Datasette. */
import type { Context } from 'koa';
import { readForm } from '../../http/form.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import type { Handler } from '../framework/dialect.ts';
import type { Redeem } from './device-login.ts';
import { forDevice, noteCodeRequest } from './errors.ts';

/** Dispatches by grant type and translates Writ's response to Datasette's. */
export const createToken =
  ({ device, code }: { device: Redeem; code: Redeem }): Handler =>
  async (ctx, _parameters, next) => {
    const form = await readForm(ctx, {
      grant_type: { max: 200, ascii: true },
      device_code: { ascii: true },
      code: { ascii: true },
      client_id: { max: 500 },
      client_secret: { max: 1_000 },
      redirect_uri: { max: 2_000, ascii: true },
      code_verifier: { ascii: true },
    });
    const grantType = form['grant_type'];
    const isDevice = grantType === grantTypes.deviceCode;
    if (!isDevice && grantType !== grantTypes.authorizationCode) {
      ctx.status = 400;
      ctx.body = { error: 'unsupported_grant_type' };
      return;
    }
    if (!isDevice) noteCodeRequest(ctx);
    await (isDevice ? device : code)(ctx, form, next);
    const { access_token, expires_in, error } = responseOf(ctx);
    if (ctx.status !== 200)
      ctx.body = {
        error: isDevice
          ? forDevice(error, ctx.status)
          : ctx.status === 400
            ? 'invalid_grant'
            : error,
      };
    else
      ctx.body = isDevice
        ? { access_token, token_type: 'bearer', expires_in }
        : { access_token, token_type: 'bearer' };
    ctx.remove('WWW-Authenticate');
  };

/** The response of Writ's endpoint. The response to a repeated request is the stored text. */
const responseOf = ({ body }: Context): Record<string, unknown> =>
  typeof body === 'string' ? JSON.parse(body) : (body as Record<string, unknown>);
