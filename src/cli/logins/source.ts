import { clientCredentials, savedLogin, TokenError } from '../../sdk/client/index.ts';
import { commandName } from '../command-name.ts';
import { Failure } from '../failure.ts';
import { clean, fetchOrFail } from '../http.ts';
import type { Logins } from './store.ts';
import type { Login } from './types.ts';

/** Gives the access token of a login, which it renews when it has to. Methods throw Failure. */
export interface LoginSource {
  token(): Promise<string>;
  /** Another token, because a server refused this one. */
  renew(refused: string): Promise<string>;
}

/** The source of the tokens of a login. What it renews is saved. */
export function sourceOf(login: Login, logins: Pick<Logins, 'tokensOf'>): LoginSource {
  const { kind } = login;
  if (kind === 'token') {
    return {
      token: async () => {
        if (login.expires_at !== undefined && Date.now() >= login.expires_at) throw expired(login);
        return login.access_token;
      },
      renew: async () => {
        throw expired(login);
      },
    };
  }
  const options = {
    issuer: login.issuer,
    clientId: String(login.client_id),
    clientSecret: login.client_secret,
    resource: login.resource ?? undefined,
    store: logins.tokensOf(login),
    fetch: fetchOrFail,
  };
  const source =
    kind === 'client'
      ? clientCredentials({ ...options, scope: login.asked?.scope })
      : savedLogin(options);
  const token = () =>
    source.token().catch((error) => {
      throw error instanceof TokenError ? refusal(login, error) : error;
    });
  return {
    token,
    renew: (refused) => {
      source.refused(refused);
      return token();
    },
  };
}

const expired = ({ alias, issuer }: Login): Failure =>
  new Failure(`The token ${alias} for ${issuer} is no longer active.`, {
    remedy: `Add another: ${commandName} auth add ${alias} --url ${issuer}`,
  });

function refusal({ alias, kind, issuer }: Login, error: TokenError): Failure {
  const words = clean(error.message);
  if (kind === 'client')
    return new Failure(`${issuer} refused a token for the client of the login ${alias}: ${words}`, {
      remedy: `Check the client and its secret: ${commandName} client-token --save ${alias}`,
      cause: error,
    });
  return error.code === 'invalid_grant'
    ? new Failure(`The login ${alias} has ended: ${words}`, {
        remedy: `Log in again: ${commandName} login ${alias}`,
        cause: error,
      })
    : new Failure(`${issuer} did not renew the login ${alias}: ${words}`, { cause: error });
}
