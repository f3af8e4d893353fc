// A small API with streams, as Speckle's clients call it, behind the guard. Clients use one URL for it and Writ: it
// forwards documents about tokens and people.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, type DocumentNode, graphql, parse } from 'graphql';
import {
  type Caller,
  createGuard,
  type GuardOptions,
} from '../../src/sdk/resource-server/index.ts';

export interface StreamsApi {
  origin: string;
  close(): Promise<void>;
}

interface Stream {
  id: string;
  name: string;
  /** The subjects who can read it; `writers` can write too. */
  readers: Set<string>;
  writers: Set<string>;
  commits: string[];
  objects: Map<string, object>;
}

/** The root fields of this API; all others are Writ's. */
const schema = buildSchema(/* GraphQL */ `
  type Query {
    user: User
    stream(id: String!): Stream
  }
  type User {
    id: String!
    suuid: String
    streams: StreamCollection!
  }
  type StreamCollection {
    totalCount: Int!
  }
  type Stream {
    id: String!
    name: String!
    commits: [String!]!
  }
  input StreamCreateInput {
    name: String!
  }
  input CommitCreateInput {
    streamId: String!
    objectId: String!
    message: String!
  }
  input StreamUpdatePermissionInput {
    streamId: String!
    userId: String!
    role: String!
  }
  type Mutation {
    streamCreate(stream: StreamCreateInput!): String
    commitCreate(commit: CommitCreateInput!): String!
    streamUpdatePermission(permissionParams: StreamUpdatePermissionInput!): Boolean
  }
`);
const own = ['Query', 'Mutation'].flatMap((name) => {
  const type = schema.getType(name);
  return type && 'getFields' in type ? Object.keys(type.getFields()) : [];
});

const isOwn = ({ definitions }: DocumentNode): boolean =>
  definitions.some(
    (definition) =>
      definition.kind === 'OperationDefinition' &&
      definition.selectionSet.selections.some(
        (selection) => selection.kind === 'Field' && own.includes(selection.name.value),
      ),
  );

const forbidden = (scope: string): Error =>
  new Error(`Your auth token does not have the required scope: ${scope}.`);

/** Starts it. */
export async function startStreamsApi(
  options: Omit<GuardOptions, 'reportSeconds'>,
): Promise<StreamsApi> {
  const guard = createGuard({ ...options, reportSeconds: 3_600 });
  const streams = new Map<string, Stream>();

  /** The streams that a token can access: those of its person, within its projects. */
  const isOpenTo = (
    { subject, authorizationDetails }: Caller,
    { id, readers }: Stream,
  ): boolean => {
    const projects = authorizationDetails.filter(({ type }) => type === 'project');
    const isWithin = projects.length === 0 || projects.some(({ identifier }) => identifier === id);
    return isWithin && readers.has(subject);
  };
  const find = (caller: Caller, id: string): Stream => {
    const stream = streams.get(id);
    if (!stream || !isOpenTo(caller, stream)) throw new Error('Stream not found');
    return stream;
  };
  const requireScope = ({ scope }: Caller, wanted: string): void => {
    if (!scope.includes(wanted)) throw forbidden(wanted);
  };
  const findWritable = (caller: Caller, id: string): Stream => {
    requireScope(caller, 'streams:write');
    const stream = find(caller, id);
    if (!stream.writers.has(caller.subject)) throw new Error('You may not write this stream.');
    return stream;
  };

  const rootOf = (caller: Caller) => ({
    user: () => {
      requireScope(caller, 'profile:read');
      return {
        id: caller.subject,
        suuid: caller.subject,
        streams: () => {
          requireScope(caller, 'streams:read');
          const all = [...streams.values()].filter((stream) => isOpenTo(caller, stream));
          return { totalCount: all.length };
        },
      };
    },
    stream: ({ id }: { id: string }) => {
      requireScope(caller, 'streams:read');
      return find(caller, id);
    },
    streamCreate: ({ stream: { name } }: { stream: { name: string } }) => {
      requireScope(caller, 'streams:write');
      if (caller.authorizationDetails.some(({ type }) => type === 'project'))
        throw new Error('You are not authorized to create a new project resource.');
      const id = randomBytes(5).toString('hex');
      const people = () => new Set([caller.subject]);
      const objects = new Map([['root', { id: 'root', text: 'an object' }]]);
      streams.set(id, { id, name, readers: people(), writers: people(), commits: [], objects });
      return id;
    },
    commitCreate: ({ commit }: { commit: { streamId: string; message: string } }) => {
      findWritable(caller, commit.streamId).commits.push(commit.message);
      return commit.message;
    },
    streamUpdatePermission: ({
      permissionParams: { streamId, userId, role },
    }: {
      permissionParams: { streamId: string; userId: string; role: string };
    }) => {
      const stream = findWritable(caller, streamId);
      stream.readers.add(userId);
      if (role !== 'stream:reviewer') stream.writers.add(userId);
      return true;
    },
  });

  const answer = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  };

  /** A token as Speckle's clients send it: with or without Bearer, or in the URL of an embed. */
  const admit = (request: IncomingMessage) => {
    const { headers, url = '/' } = request;
    const given =
      headers.authorization?.replace(/^bearer /i, '') ??
      new URL(url, 'http://x').searchParams.get('embedToken');
    return guard.admit({ url, headers: { ...(given && { authorization: `Bearer ${given}` }) } });
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url = '/', method = 'GET', headers } = request;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    const object = /^\/objects\/([^/]+)\/([^/]+)\/single/.exec(url);
    const { query = '', variables } = object ? {} : JSON.parse(body.toString());
    if (!object && !isOwn(parse(query))) {
      const { host: _host, connection: _connection, 'content-length': _length, ...sent } = headers;
      const init = { method, headers: sent as Record<string, string>, body };
      const handedOn = await fetch(options.issuer + url, init);
      answer(response, handedOn.status, await handedOn.json());
      return;
    }
    const { caller } = await admit(request);
    if (!caller) return answer(response, 403, { error: 'Your token is not valid.' });
    if (!object) {
      const given = { schema, source: query, rootValue: rootOf(caller), variableValues: variables };
      return answer(response, 200, await graphql(given));
    }
    const [, streamId = '', objectId = ''] = object;
    try {
      requireScope(caller, 'streams:read');
      answer(response, 200, find(caller, streamId).objects.get(objectId));
    } catch (error) {
      answer(response, 403, { error: (error as Error).message });
    }
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) =>
      answer(response, 500, { error: String(error) }),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      await guard.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
