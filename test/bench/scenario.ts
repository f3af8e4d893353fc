// The requests of each workload, the same for every server that has it.
import type { Credentials } from '../support/http.ts';
import type { Order } from './load/order.ts';
import type { Workload } from './options.ts';

/** The one scope of the API that all tokens are for. */
export const scope = 'things:read';
export const refreshScope = `offline_access ${scope}`;

/** An order without what is the same for all of a round. */
export type Request = Omit<Order, 'connections' | 'until' | 'port'>;

const asClient = ({ id, secret }: Credentials) => ({ client_id: id, client_secret: secret });

export const clientCredentials = (path: string, client: Credentials): Request => ({
  path,
  form: { grant_type: 'client_credentials', scope, ...asClient(client) },
  expects: '"access_token":"',
});

/** The token of a workload, which is used again and again as that of a pod is. */
export const jwtBearer = (path: string, assertion: string): Request => ({
  path,
  form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', scope, assertion },
  expects: '"access_token":"',
});

/** Random tokens, asked for by the client that they were issued to. */
export const introspection = (path: string, client: Credentials, file: string): Request => ({
  path,
  form: asClient(client),
  vary: { parameter: 'token', file, order: 'random' },
  expects: '"active":true',
});

/** An agent exchanges tokens of people from a file. */
export const exchange = (path: string, agent: Credentials, file: string): Request => ({
  path,
  form: {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    ...asClient(agent),
  },
  vary: { parameter: 'subject_token', file, order: 'random' },
  expects: '"issued_token_type":"',
});

/** Each connection redeems the refresh token that it was answered last. */
export const refresh = (path: string, client: Credentials, file: string): Request => ({
  path,
  form: { grant_type: 'refresh_token', ...asClient(client) },
  vary: { parameter: 'refresh_token', file, order: 'chained' },
  expects: '"refresh_token":"',
});

/** Each token is revoked once. */
export const revocation = (path: string, client: Credentials, file: string): Request => ({
  path,
  form: asClient(client),
  vary: { parameter: 'token', file, order: 'once' },
  expects: '{}',
});

/** Starts device flows; the answers hold their codes. */
export const deviceAuthorization = (path: string, client: Credentials): Request => ({
  path,
  form: { scope: refreshScope, ...asClient(client) },
  expects: '"device_code":"',
  keepMember: 'device_code',
});

/** How many devices poll in turns: so many that hardly any polls again within its interval. */
export const deviceCodes = 20_000;

/** Devices poll in turns, while no person has decided; a few get `slow_down`. */
export const devicePoll = (path: string, client: Credentials, file: string): Request => ({
  path,
  form: { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', ...asClient(client) },
  vary: { parameter: 'device_code', file, order: 'in turn' },
  expects: '"error":',
  status: 400,
});

/** A server under measurement. */
export interface Target {
  name: TargetName;
  pid: number;
  port: number;
  requests: Partial<Record<Workload, Request>>;
  /** Microseconds of CPU that the stores behind it have used. */
  storeCpu: () => number;
  stop(): Promise<unknown>;
}

/** `before` is Writ of another revision. */
export type TargetName = 'bare' | 'stock' | 'writ' | 'writ embedded' | 'before';
