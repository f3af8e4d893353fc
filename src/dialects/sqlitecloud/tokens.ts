/** Access tokens of SQLite Cloud, which are API tokens in Writ (`domain/tokens/named/api-tokens.ts`). */
import type { ApiTokens, NamedTokens, ShownToken } from '../../domain/tokens/named/types.ts';
import type { RevokeWithGrant } from '../../domain/tokens/revocation.ts';
import { publicId } from '../../domain/tokens/value.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { describeCreated, describeListed, describeToken } from './answers.ts';
import { change, creation, readBody, reference } from './bodies.ts';
import type { Call } from './calls.ts';
import { credentialIn } from './credential.ts';

/** SQLite Cloud does not distinguish users, devices and tenants: all are users. */
const subjectOf = (userId: string) => ({ type: 'user', id: userId });

/** The maximum length of the list of a user's newest tokens; SQLite Cloud has no paging. */
const maxListed = 1_000;

export interface TokenDependencies {
  namedTokens: NamedTokens;
  apiTokens: ApiTokens;
  revokeWithGrant: RevokeWithGrant;
  /** The identifier of the resource that the tokens are for. */
  resource: string;
}

type Reference = { token?: string | undefined; accessTokenId?: number | undefined };

export function createTokenCalls({
  namedTokens,
  apiTokens,
  revokeWithGrant,
  resource,
}: TokenDependencies) {
  /** Clients do not see revoked tokens, but they can inspect expired ones. */
  const isVisible = ({ kind, audience, status }: ShownToken): boolean =>
    kind === 'api_token' &&
    audience?.includes(resource) === true &&
    (status === 'active' || status === 'expired');

  /** The token that the body of a call with an API key identifies. */
  const find = async (
    { principal: { tokenActor } }: Call,
    { token: value, accessTokenId }: Reference,
  ): Promise<ShownToken> => {
    if ((value === undefined) === (accessTokenId === undefined))
      throw new OAuthError('invalid_request', 'Send the token, or its accessTokenId.', {
        parameter: 'token',
      });
    const token =
      value === undefined
        ? await namedTokens.findByNumber(tokenActor, accessTokenId as number)
        : await namedTokens.check(tokenActor, value);
    if (!token || !isVisible(token)) throw new OAuthError('not_found', 'The token does not exist.');
    return token;
  };

  const numbered = async (token: ShownToken | undefined) => {
    const [found] = token ? await namedTokens.numbered([token]) : [];
    if (!found) throw new OAuthError('not_found', 'The token does not exist.');
    return found;
  };

  return {
    async create({ ctx, principal }: Call) {
      const { userId, expiresAt = null, ...given } = await readBody(ctx, creation);
      const { token, value } = await apiTokens.create(principal.tokenActor, {
        ...given,
        subject: subjectOf(userId),
        resource,
        expiresAt,
      });
      return describeCreated(await numbered(token), value);
    },

    async inspectOwn({ principal }: Call) {
      return describeToken(await numbered(await namedTokens.show(principal.token)));
    },

    async inspect(call: Call) {
      return describeToken(await numbered(await find(call, await readBody(call.ctx, reference))));
    },

    /** The call has authenticated; there is nothing else to do. */
    async authorize() {},

    async update(call: Call) {
      const { name, expiresAt, ...which } = await readBody(call.ctx, change);
      const { id } = await find(call, which);
      const { tokenActor } = call.principal;
      return describeToken(
        await numbered(await apiTokens.update(tokenActor, publicId(id), { name, expiresAt })),
      );
    },

    async revoke(call: Call) {
      const which = await readBody(call.ctx, reference);
      const token =
        call.by === 'key'
          ? await find(call, which)
          : await requireOwn(call, which, await namedTokens.show(call.principal.token));
      const { number } = await numbered(token);
      if (call.by === 'key')
        await namedTokens.revoke(call.principal.tokenActor, publicId(token.id));
      else await revokeWithGrant(call.principal.token);
      return { accessTokenId: number };
    },

    async list({ principal: { tokenActor }, parameters }: Call) {
      const subject = subjectOf(parameters['userId'] ?? '');
      const found: ShownToken[] = [];
      let after: string | undefined;
      do {
        const { items, next } = await namedTokens.page(tokenActor, {
          kind: 'api_token',
          status: 'active',
          subject,
          resource,
          after,
          limit: maxListed / 2,
        });
        found.push(...items);
        after = next ?? undefined;
      } while (after !== undefined && found.length < maxListed);
      return (await namedTokens.numbered(found)).map(describeListed);
    },
  };

  /** A token can revoke only itself, whether the body names it or not. */
  async function requireOwn(
    { ctx }: Call,
    { token: value, accessTokenId }: Reference,
    own: ShownToken | undefined,
  ): Promise<ShownToken> {
    const presented = credentialIn(ctx.get('authorization'));
    const isOwn =
      (value === undefined || value === presented) &&
      (accessTokenId === undefined || accessTokenId === own?.number);
    if (!own || !isOwn)
      throw new OAuthError(
        'access_denied',
        'An access token can revoke only itself. To revoke other tokens, send an API key.',
      );
    return own;
  }
}
