/**
 * `/revocations`: the change feed for resource servers. A page of it is JSON, and the stream has the same items as server-sent
 * events. Both continue after a number.
 */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { type RevocationStreams, streamPace } from '../../domain/audit/revocation-streams.ts';
import { FeedGap, type Revocation, type Revocations } from '../../domain/audit/revocations.ts';
import type { Client, ClientLookup } from '../../domain/clients/lookup.ts';
import type { Principal } from '../../domain/tokens/principal.ts';
import type { TokenLookup } from '../../domain/tokens/token-state.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { eventOf, eventStream } from '../framework/event-stream.ts';
import { optionalDigits } from '../framework/input.ts';
import { clientOperation, type Operation } from '../framework/operation.ts';
import { count, time } from '../framework/schemas.ts';

export interface RevocationDependencies {
  revocations: Revocations;
  revocationStreams: Pick<RevocationStreams, 'follow'>;
  findClient: ClientLookup;
  findToken: TokenLookup;
  /** How long changes are kept. */
  changeRetentionDays: number;
}

const query = z.strictObject({
  after: optionalDigits({ min: 0 }).meta({
    description:
      'The number of the last change that you know: `last` of the page before. Without it, the feed begins with the oldest change of `max_age`.',
  }),
  max_age: optionalDigits({ min: 0, max: 3_155_760_000 }).meta({
    description:
      'Without `after`: the age in seconds of the oldest change that matters to you, which is the longest lifetime of your JWTs. Default: all changes that are kept.',
  }),
});

const item = z
  .object({
    number: count.meta({
      description: 'The position in the feed. It has gaps: changes of others.',
    }),
    at: time.meta({ description: 'When it was committed.' }),
    kind: z.string().meta({ description: 'The kind of change.', examples: ['token.revoked'] }),
    jti: z.string().optional().meta({ description: 'The `jti` of the token.' }),
    client_id: z.string().optional().meta({ description: 'The `client_id` of the tokens.' }),
    grant_id: z.string().optional().meta({ description: 'The `grant_id` of the tokens.' }),
    sub: z.string().optional().meta({ description: 'The person: the `sub` of the tokens.' }),
    app: z.string().optional().meta({ description: 'The `app` of the tokens.' }),
    kid: z.string().optional().meta({ description: 'The key that signed the tokens.' }),
    epoch: count.optional().meta({
      description:
        'Tokens whose `epochs` have a lower number are revoked: `grant` if there is a `grant_id`, else `account` if there is a `sub`, `client` if there is a `client_id`, or `app`.',
    }),
  })
  .meta({ id: 'Revocation' });

const page = z
  .object({
    items: z.array(item),
    resources: z.array(z.string()).meta({
      description:
        'The APIs whose revocations these are: those that the client serves (`resource_server_for`). If yours is missing, do not rely on the feed.',
    }),
    last: count.meta({ description: 'The value of `after` for the next request.' }),
    more: z.boolean().meta({ description: 'Whether there are further changes now.' }),
    retention: count.meta({
      description:
        'How many seconds changes are kept. Introspect a JWT that was issued before: its revocation may be missing here.',
    }),
  })
  .meta({ id: 'RevocationPage' });

const toItem = (change: Revocation): z.input<typeof item> => ({
  number: change.number,
  at: change.at,
  kind: change.kind,
  ...(change.tokenId !== null && { jti: change.tokenId }),
  ...(change.clientId !== null && { client_id: change.clientId }),
  ...(change.grantId !== null && { grant_id: change.grantId }),
  ...(change.accountId !== null && { sub: change.accountId }),
  ...(change.app !== null && { app: change.app }),
  ...(change.kid !== null && { kid: change.kid }),
  ...(change.epoch !== null && { epoch: change.epoch }),
});

/** The header that event streams send on their return counts more than the URL of their first request. */
function numberOf(lastEventId: string, after: number | undefined): number | undefined {
  if (lastEventId === '') return after;
  if (/^\d{1,15}$/.test(lastEventId)) return Number(lastEventId);
  throw new OAuthError('invalid_request', 'Last-Event-ID must be the id of an event.', {
    parameter: 'Last-Event-ID',
  });
}

const gone = () =>
  new OAuthError(
    'gone',
    'The changes after this number are not kept. Forget what you know of revocations, and begin without after.',
    { parameter: 'after' },
  );

const translateGap = (error: unknown): never => {
  throw error instanceof FeedGap ? gone() : error;
};

export function revocationOperations({
  revocations,
  revocationStreams,
  findClient,
  findToken,
  changeRetentionDays,
}: RevocationDependencies): Operation[] {
  const retention = changeRetentionDays * 86_400;

  /** The calling client, which serves at least one API. */
  const followerOf = async (clientId: string): Promise<Client> => {
    const client = await findClient(clientId);
    if (client && client.resourceServerFor.length > 0) return client;
    throw new OAuthError(
      'access_denied',
      'Only the client that is the resource server of an API can follow its revocations (resource_server_for).',
    );
  };

  /**
   * Whether a stream that a client has opened may go on: the client serves the same APIs, and what it authenticated with is still good.
   * It is unknown which secret that was, so the loss of any ends the stream; the client then opens another.
   */
  const mayStillFollow = async (
    opened: Client,
    principal: Principal | undefined,
  ): Promise<boolean> => {
    const [client, token] = await Promise.all([
      findClient(opened.clientId),
      principal && findToken(principal.token.id),
    ]);
    if (client?.id !== opened.id) return false;
    const isSame = isDeepStrictEqual(
      new Set(client.resourceServerFor),
      new Set(opened.resourceServerFor),
    );
    if (!isSame) return false;
    if (principal) return token?.alive === true;
    const secrets = new Set(client.secrets.map(({ id }) => id));
    return opened.secrets.every(({ id }) => secrets.has(id));
  };

  const beginOf = async (after: number | undefined, maxAge = retention): Promise<number> =>
    after ?? (await revocations.beginning(Math.min(maxAge, retention)));

  return [
    clientOperation({
      method: 'get',
      path: '/revocations',
      tag: 'Changes',
      operationId: 'listRevocations',
      summary: 'Follow revocations',
      description: [
        'What revokes JWTs of the APIs that the calling client serves (`resource_server_for`), or changes what introspection returns for their tokens, and nothing else. A resource server that verifies JWTs offline refuses a token that an item names, and tokens with a lower epoch than that of an item.',
        'With `Accept: text/event-stream` the response is a stream of server-sent events, within a second of each change: `change` with an item, `alive` every five seconds with `{"last": …, "resources": […]}`, and `gap` before the end if changes are missing. Within five seconds it ends when the client serves other APIs, is disabled, or loses a secret, or its token is no longer active; continue as after any interruption. The `id` of an event is its number; send it as `Last-Event-ID` or `after` to continue.',
        'If changes after the number are no longer kept, or the database was restored, the response is 410: forget everything and begin without `after`. The client authenticates with its credentials by the scheme Basic, or with an access token for this API.',
      ].join('\n\n'),
      scope: 'revocations:read',
      errors: ['access_denied', 'invalid_client', 'gone', 'too_many_requests'],
      query,
      response: page,
      handle: async ({ clientId, query: { after, max_age } }) => {
        const { resourceServerFor: resources } = await followerOf(clientId);
        const begin = await beginOf(after, max_age);
        const found = await revocations.page(resources, begin).catch(translateGap);
        return { ...found, items: found.items.map(toItem), resources, retention };
      },
      stream: async ({ clientId, principal, query: { after, max_age }, lastEventId }) => {
        const follower = await followerOf(clientId);
        const resources = follower.resourceServerFor;
        const isAllowed = () => mayStillFollow(follower, principal);
        const begin = await beginOf(numberOf(lastEventId, after), max_age);
        return eventStream(
          async (signal) => {
            const followed = await revocationStreams
              .follow({ client: clientId, resources, begin, isAllowed, signal })
              .catch(translateGap);
            return (async function* () {
              yield 'retry: 1000\n\n';
              for await (const each of followed)
                if (each.kind === 'changes')
                  yield each.items
                    .map((change) => eventOf('change', change.number, toItem(change)))
                    .join('');
                else if (each.kind === 'alive')
                  yield eventOf('alive', each.last, { last: each.last, resources });
                else yield 'event: gap\ndata: {}\n\n';
            })();
          },
          { stuckMs: streamPace.stuck },
        );
      },
    }),
  ];
}
