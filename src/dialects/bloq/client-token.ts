/** `bcl client-token` and the SDK: `POST /auth/token`, with a key pair or a refresh token. */
import type { Context } from 'koa';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import type { FindToken } from '../../domain/tokens/find-by-value.ts';
import type { KeyPairTokens } from '../../domain/tokens/key-pair-tokens.ts';
import type { FindPrincipal } from '../../domain/tokens/principal.ts';
import { bearerIn } from '../../http/authorization.ts';
import { tooManyRequests } from '../../http/rate-limit-fields.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { readObject } from '../framework/body.ts';
import type { Handler } from '../framework/dialect.ts';
import { refusalOfToken } from './account-token.ts';
import { requireText, textIn } from './fields.ts';

interface Dependencies {
  keyPairTokens: KeyPairTokens;
  find: FindToken;
  findPrincipal: FindPrincipal;
}

export function createClientToken({ keyPairTokens, find, findPrincipal }: Dependencies): Handler {
  /** A bearer token must be active even though this route does not need it. */
  const checkStrayToken = async (ctx: Context): Promise<void> => {
    const value = bearerIn(ctx.get('authorization'));
    if (value !== undefined && !(await findPrincipal(value, 'self')))
      throw await refusalOfToken(value, find);
  };

  const exchange = async (ctx: Context, body: Record<string, unknown>) => {
    // bcl sends its account token together with the keys, even long after it expired.
    if (!textIn(body, 'clientId') || !textIn(body, 'clientSecret')) await checkStrayToken(ctx);
    const clientId = requireText(body, 'clientId');
    const clientSecret = requireText(body, 'clientSecret');
    const tokens = await keyPairTokens.exchange(clientId, clientSecret).catch((error: unknown) => {
      throw error instanceof LimitReached ? tooManyRequests(ctx, error) : error;
    });
    if (!tokens) throw new OAuthError('invalid_client', 'The client keys are invalid.');
    return tokens;
  };

  const refresh = async (ctx: Context, body: Record<string, unknown>) => {
    await checkStrayToken(ctx);
    const refreshToken = requireText(body, 'refreshToken');
    const tokens = await keyPairTokens.refresh(refreshToken);
    if (!tokens) throw await refusalOfToken(refreshToken, find);
    return tokens;
  };

  return async (ctx) => {
    const body = await readObject(ctx, removeTrailingComma);
    const grantType = textIn(body, 'grantType');
    if (grantType !== 'clientCredentials' && grantType !== 'refreshToken')
      throw new OAuthError(
        'invalid_request',
        'grantType must be clientCredentials or refreshToken.',
        { parameter: 'grantType' },
      );
    const tokens = await (grantType === 'refreshToken' ? refresh : exchange)(ctx, body);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = tokens;
  };
}

/** Bloq's documentation shows a body with a trailing comma, and people paste it. */
const removeTrailingComma = (text: string): string => text.replace(/,(\s*\}\s*)$/, '$1');
