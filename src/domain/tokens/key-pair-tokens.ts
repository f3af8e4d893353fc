import type { Account } from '../accounts/accounts.ts';
import type { KeyPairs } from '../clients/key-pairs.ts';
import type { Client, ClientLookup } from '../clients/lookup.ts';
import type { Grant } from '../grants/grants.ts';
import type { FindToken } from './find-by-value.ts';
import type { LastUsed } from './last-used.ts';
import type { TokenState } from './token-state.ts';

/**
 * The client, account and grant of new tokens. They must be read before the presented credential is checked, because
 * the tokens get their epochs: a revocation in between then makes the tokens inactive.
 */
export interface PersonParties {
  client: Client;
  account: Pick<Account, 'id' | 'roles' | 'epoch'>;
  /** The grant of the login that the tokens belong to, if any. */
  grant?: Grant | undefined;
}

/** The token values issued to a program that acts for a person. */
export interface PersonTokens {
  accessToken: string;
  refreshToken?: string;
}

/**
 * Issues tokens for a person at a single resource, with the lifetimes and the format of the client: an access token and
 * optionally a refresh token, which does not rotate. Implemented by the protocol. Throws `conflict` if the client can
 * no longer get tokens for the resource.
 */
export type IssueForPerson = (
  parties: PersonParties,
  wanted: {
    resource: string;
    /** Additional audiences that are not resources. */
    audience?: readonly string[];
    refreshToken?: boolean;
  },
) => Promise<PersonTokens>;

/** Exchanges the key pairs of people for tokens. */
export function createKeyPairTokens({
  keyPairs,
  clients,
  find,
  lastUsed,
  issueForPerson,
}: {
  keyPairs: Pick<KeyPairs, 'authenticate'>;
  clients: ClientLookup;
  find: FindToken;
  lastUsed: Pick<LastUsed, 'touchToken'>;
  issueForPerson: IssueForPerson;
}) {
  /** A key pair has exactly one resource. */
  const resourceOf = ({ resources: [resource = ''] }: Client): string => resource;

  return {
    /** Issues an access and a refresh token. Returns undefined if the key pair is wrong. Throws LimitReached. */
    async exchange(clientId: string, secret: string): Promise<PersonTokens | undefined> {
      const parties = await keyPairs.authenticate(clientId, secret);
      if (!parties) return undefined;
      const resource = resourceOf(parties.client);
      return issueForPerson(parties, { resource, refreshToken: true });
    },

    /**
     * Issues an access token for a refresh token of a key pair, which does not rotate, so concurrent requests all
     * succeed. Needs no client authentication: only `exchange` issues such refresh tokens. Returns undefined if the
     * token is not active.
     */
    async refresh(value: string): Promise<PersonTokens | undefined> {
      const presented = await find(value);
      if (!presented || !isOfKeyPair(presented)) return undefined;
      const client = await clients(presented.clientId);
      // Read again after the client: a revocation before this is seen here, and a later one raises an epoch that the
      // new token remembers.
      const state = client && (await find(value));
      if (!client?.ownerId || !state || !isOfKeyPair(state)) return undefined;
      lastUsed.touchToken(state.id);
      const { accountId, accountEpoch, roles } = state;
      const account = {
        id: String(accountId),
        roles: roles.map(([name]) => name),
        epoch: accountEpoch,
      };
      return issueForPerson({ client, account }, { resource: resourceOf(client) });
    },
  };
}

export type KeyPairTokens = ReturnType<typeof createKeyPairTokens>;

/** Other refresh tokens have a grant, and are for the token endpoint. */
const isOfKeyPair = ({ alive, kind, grantId, accountId }: TokenState): boolean =>
  alive && kind === 'refresh_token' && grantId === null && accountId !== null;
