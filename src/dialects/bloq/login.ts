/** `bcl login`: `POST /auth` with the user name and password of an account. */
import type { Context } from 'koa';
import { bloqLoginClientId } from '../../../config/clients.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import { refusalOfSignIn, type SignIn, SignInRefused } from '../../domain/accounts/sign-in.ts';
import type { ClientLookup } from '../../domain/clients/lookup.ts';
import type { Grants } from '../../domain/grants/grants.ts';
import type { IssueForPerson } from '../../domain/tokens/key-pair-tokens.ts';
import { parseAuthorization } from '../../http/authorization.ts';
import { tooManyRequests } from '../../http/rate-limit-fields.ts';
import type { RefusalLog } from '../../http/refusal-log.ts';
import { userAgentOf } from '../../http/text.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Handler } from '../framework/dialect.ts';
import { accountAudience, accountTokenTtl, bloqResource } from './constants.ts';
import { WrongLogin } from './errors.ts';
import { accountIdOf } from './user.ts';

export interface LoginDependencies {
  logIn: SignIn['logIn'];
  accounts: Pick<Accounts, 'describe' | 'find'>;
  clients: ClientLookup;
  grants: Pick<Grants, 'find'>;
  issueForPerson: IssueForPerson;
  noteRefusal: RefusalLog['note'];
}

export function createLogin(dependencies: LoginDependencies): Handler {
  const { logIn, accounts, clients, grants, issueForPerson, noteRefusal } = dependencies;

  /** People log in with their email address; Bloq also accepts the id of the account. */
  const addressOf = async (user: string): Promise<string> => {
    const id = accountIdOf(user);
    return (id && (await accounts.describe(id))?.email) || user;
  };

  return async (ctx) => {
    const { user, password } = readBasic(ctx);
    const client = await clients(bloqLoginClientId);
    if (!client) throw new OAuthError('server_error', 'the client of Bloq logins is missing');
    const { accountId, grantId } = await logIn(
      {
        email: await addressOf(user),
        password,
        ip: ctx.ip,
        userAgent: userAgentOf(ctx) ?? undefined,
      },
      { clientId: bloqLoginClientId, resource: bloqResource, lifetime: accountTokenTtl },
    ).catch((error: unknown) => {
      if (!(error instanceof SignInRefused)) throw error;
      noteRefusal(ctx, refusalOfSignIn(error, ctx.ip));
      throw toBloqError(ctx, error);
    });
    const [account, grant] = await Promise.all([accounts.find(accountId), grants.find(grantId)]);
    if (!account || !grant) throw new WrongLogin();
    const { accessToken } = await issueForPerson(
      { client, account, grant },
      { resource: bloqResource, audience: [accountAudience] },
    );
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { accessToken };
  };
}

/** Reads the Basic scheme (RFC 7617) in UTF-8; clients of Bloq do not form-encode the parts. Throws WrongLogin. */
function readBasic(ctx: Context): { user: string; password: string } {
  const { scheme, token68 } = parseAuthorization(ctx.get('authorization')) ?? {};
  if (scheme !== 'basic' || token68 === undefined) throw new WrongLogin();
  const text = Buffer.from(token68, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw new WrongLogin();
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function toBloqError(ctx: Context, error: SignInRefused): OAuthError {
  if (error.reason === 'wrong') return new WrongLogin({ cause: error });
  if (error.reason === 'needs_factor')
    return new OAuthError('access_denied', error.message, { cause: error });
  if (error.reason === 'busy') {
    ctx.set('Retry-After', '5');
    return new OAuthError('temporarily_unavailable', error.message, { cause: error });
  }
  if (error.reason === 'paused')
    return new OAuthError(
      'too_many_requests',
      `${error.message} Sign in on a page of Writ first.`,
      {
        cause: error,
      },
    );
  return tooManyRequests(ctx, { retryAfter: error.retryAfter ?? 60 });
}
