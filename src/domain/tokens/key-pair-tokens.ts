import type { Account } from '../accounts/accounts.ts';
import type { KeyPairs } from '../clients/key-pairs.ts';
import type { Client, ClientLookup } from '../clients/lookup.ts';
import type { Grant } from '../grants/grants.ts';
import type { FindToken } from './find-by-value.ts';
import type { LastUsed } from './last-used.ts';
import type { TokenState } from './token-state.ts';

/** Whom tokens belong to, as they were read before what was presented was checked: their epochs are the tokens'. */
export interface PersonParties {
  client: Client;
  account: Pick<Account, 'id' | 'roles' | 'epoch'>;
  /** Where the token hangs on a login. */
  grant?: Grant | undefined;
}

/** What a person's program gets. */
export interface PersonTokens {
  accessToken: string;
  refreshToken?: string;
}

/**
 * Issues tokens that stand for a person, at one resource, as long as their client's metadata says: an access token in
 * the client's format and, where wanted, a refresh token that does not rotate. The protocol provides it. Throws
 * `conflict` where the client may have no tokens for the resource any more.
 */
export type IssueForPerson = (
  parties: PersonParties,
  wanted: {
    resource: string;
    /** Further audiences, which name no resource. */
    audience?: readonly string[];
    refreshToken?: boolean;
  },
) => Promise<PersonTokens>;

/** What the key pairs of people are exchanged for. */
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
  /** The only resource of a pair. */
  const resourceOf = ({ resources: [resource = ''] }: Client): string => resource;

  return {
    /** An access token and a refresh token for a pair; undefined where it is none. Throws LimitReached. */
    async exchange(clientId: string, secret: string): Promise<PersonTokens | undefined> {
      const parties = await keyPairs.authenticate(clientId, secret);
      if (!parties) return undefined;
      const resource = resourceOf(parties.client);
      return issueForPerson(parties, { resource, refreshToken: true });
    },

    /**
     * An access token for a refresh token of a pair, which stays as it is: any number of requests at once get one each.
     * It needs no client authentication, as the token says what it is for. Undefined where it is not active.
     */
    async refresh(value: string): Promise<PersonTokens | undefined> {
      const presented = await find(value);
      if (!presented || !isOfKeyPair(presented)) return undefined;
      const client = await clients(presented.clientId);
      // Read after the client: what ends the token in between is seen here, and what ends it later ends what is issued.
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

/** Those of logins and apps hang on a grant, and are for the token endpoint. */
const isOfKeyPair = ({ alive, kind, grantId, accountId }: TokenState): boolean =>
  alive && kind === 'refresh_token' && grantId === null && accountId !== null;
