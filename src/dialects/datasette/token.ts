/** `POST /-/oauth/token`: the answers that clients of Datasette understand. */
import { readForm } from '../../http/form.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import type { Handler } from '../framework/dialect.ts';
import type { Redeem } from './device-login.ts';

/** Handles each grant, and puts what Writ answers into Datasette's words. */
export const createToken =
  ({ device }: { device: Redeem }): Handler =>
  async (ctx, _parameters, next) => {
    const form = await readForm(ctx, {
      grant_type: { max: 200, ascii: true },
      device_code: { ascii: true },
    });
    if (form['grant_type'] !== grantTypes.deviceCode) {
      ctx.status = 400;
      ctx.body = { error: 'unsupported_grant_type' };
      return;
    }
    await device(ctx, form, next);
    const { access_token, expires_in, error } = ctx.body as Record<string, unknown>;
    ctx.body =
      ctx.status === 200
        ? { access_token, token_type: 'bearer', expires_in }
        : { error: inItsWords(error) };
    ctx.remove('WWW-Authenticate');
  };

/** `dclient` ends on any error but these; to wait longer is nothing that it can be told. */
const inItsWords = (error: unknown): unknown =>
  error === 'slow_down' ? 'authorization_pending' : error;
