import { personalClientId } from '../../../config/clients.ts';
import { apiTrialTokenTtl } from '../../../config/tokens.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Account } from '../accounts/accounts.ts';
import { recordEvent } from '../audit/events.ts';
import type { ClientLookup } from '../clients/lookup.ts';
import { orUnavailable } from '../database/retry.ts';
import type { TokenIssue } from './issue.ts';
import type { PersonalTokens } from './named/types.ts';
import { mintToken, partitionFor } from './value.ts';

/** A short-lived access token for the API reference. */
export interface ApiTrialToken {
  /** The value of an opaque access token. */
  value: string;
  scopes: string[];
  /** Seconds. */
  expiresIn: number;
}

/** Issues a token with which a person tries Writ's own API from its reference. The caller has checked the sign-in. */
export type IssueApiTrialToken = (accountId: string) => Promise<ApiTrialToken>;

interface Dependencies {
  kysely: Connection;
  accounts: { find: (id: string) => Promise<Account | undefined> };
  clients: ClientLookup;
  personalTokens: Pick<PersonalTokens, 'choices'>;
  issue: Pick<TokenIssue, 'insert'>;
  /** The identifier of Writ's own API. */
  apiResource: string;
}

/**
 * Issues access tokens that expire within minutes and have the scopes that a personal access token of the same person
 * could have. They carry the epochs of the account, so they are revoked with all other tokens of that person. Throws
 * `access_denied` if the person cannot have tokens for this API. Audited as `token.tried`.
 */
export const createApiTrialTokens =
  ({
    kysely,
    accounts,
    clients,
    personalTokens,
    issue,
    apiResource,
  }: Dependencies): IssueApiTrialToken =>
  async (accountId) => {
    // Epochs first, so that a revocation after this point revokes the new token too.
    const [account, client] = await Promise.all([
      accounts.find(accountId),
      clients(personalClientId),
    ]);
    const choice = (await personalTokens.choices(accountId)).find(
      ({ identifier }) => identifier === apiResource,
    );
    if (!account || !client || !choice || choice.scopes.length === 0)
      throw new OAuthError('access_denied', 'Your account cannot get a token for this API.');
    const scopes = choice.scopes.map(({ name }) => name);
    await orUnavailable(() =>
      recordEvent(kysely, {
        action: 'token.tried',
        target: { kind: 'client', id: personalClientId },
        details: { scope: scopes.join(' ') },
      }),
    );
    const issuedAt = Math.floor(Date.now() / 1000);
    const expiresAt = issuedAt + apiTrialTokenTtl;
    const { value, id } = mintToken(
      'access_token',
      partitionFor('access_token', issuedAt, expiresAt),
    );
    await issue.insert({
      id,
      kind: 'access_token',
      client: client.id,
      accountId,
      epochs: { client: client.epoch, app: client.appEpoch, account: account.epoch, grant: 0 },
      scope: scopes.join(' '),
      audience: [apiResource],
      issuedAt,
      expiresAt,
    });
    return { value, scopes, expiresIn: apiTrialTokenTtl };
  };
