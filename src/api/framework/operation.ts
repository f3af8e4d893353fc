import type { Readable } from 'node:stream';
import type * as z from 'zod';
import type { AuditAction } from '../../../config/audit-actions.ts';
import type { LimitName } from '../../../config/limits.ts';
import type { ApiScope } from '../../../config/scopes.ts';
import type { AuditTarget } from '../../domain/audit/types.ts';
import type { Idempotency } from '../../domain/database/idempotency.ts';
import type { Precondition } from '../../domain/database/precondition.ts';
import type { Principal } from '../../domain/tokens/principal.ts';
import type { ErrorCode } from '../../oauth/errors.ts';
import type { Represent } from './etag.ts';

/** The parsed input of a request. */
export interface Sent<Path = unknown, Query = unknown, Body = unknown> {
  path: Path;
  query: Query;
  body: Body;
  /** The condition of `If-Match` and `If-None-Match`, which the domain checks against the current state under its lock. */
  precondition: <Thing>(represent: Represent<Thing>) => Precondition<Thing>;
  /** Present if the operation supports `Idempotency-Key` and the caller sent one. */
  idempotency: Idempotency | undefined;
  /** The IP address of the caller. */
  ip: string;
}

/** What a handler gets: the input and the caller. */
export interface Call<Path = unknown, Query = unknown, Body = unknown>
  extends Sent<Path, Query, Body> {
  principal: Principal;
}

/** An operation of the API, from which the router and the OpenAPI document are created. */
export interface Operation {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** The path below `/api/v1`, with parameters in braces as in OpenAPI. */
  path: string;
  tag: string;
  operationId: string;
  /** A few words, beginning with a verb. */
  summary: string;
  /** Markdown: what the operation does and what the caller should know. */
  description: string;
  /** The required scope; absent if `access` is set. */
  scope?: ApiScope;
  /** Also open to API keys of clients, which are limited to tokens that keys of their client created. */
  apiKeys?: true;
  /** Also open to confidential clients with their credentials (RFC 6749 §2.3.1), as introspection is. */
  clientCredentials?: true;
  /** `self`: any active token, for itself. `anyone`: no authentication. */
  access?: 'self' | 'anyone';
  /** The rate limits of an operation without authentication; the domain counts them. */
  limit?: readonly LimitName[];
  parameters?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** The body of the response; absent if it has none. */
  response?: z.ZodType;
  success: 200 | 201 | 202 | 204;
  /** The path of the created thing, below `/api/v1`. */
  location?: (response: never) => string;
  /** The response is the representation of one thing, with its `ETag`. */
  tagged?: boolean;
  /** The supported conditions (RFC 9110 §13.1). */
  conditions?: readonly ('If-Match' | 'If-None-Match')[];
  /** It creates something, and supports `Idempotency-Key`. */
  idempotency?: true;
  /** Errors in addition to those that follow from the declaration. */
  errors?: readonly ErrorCode[];
  /** The audit event of an operation that changes something. */
  audit?: {
    action: AuditAction;
    kind: AuditTarget['kind'];
    /** The id of the target, if it is not the first parameter of the path. */
    id?: (path: Record<string, string>) => string;
  };
  handle(call: Sent & { principal: Principal | undefined; clientId?: string }): Promise<unknown>;
  /** The same as server-sent events, for requests that accept `text/event-stream` before JSON. */
  stream?(call: StreamCall): Promise<Readable>;
}

/** What the handler of an operation that is open to clients gets. */
export interface ClientCall<Query = unknown, Path = unknown, Body = unknown>
  extends Sent<Path, Query, Body> {
  /** The client that authenticated, or whose token was presented. */
  clientId: string;
}

/** A request for server-sent events. */
export interface StreamCall<Query = unknown> extends ClientCall<Query> {
  /** The identity of the presented token; undefined if the client authenticated with its credentials. */
  principal: Principal | undefined;
  /** The header `Last-Event-ID`; empty without one. */
  lastEventId: string;
}

interface Typed<
  Parameters extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Output extends z.ZodType,
> extends Omit<
    Operation,
    | 'scope'
    | 'access'
    | 'parameters'
    | 'query'
    | 'body'
    | 'response'
    | 'location'
    | 'success'
    | 'limit'
    | 'handle'
  > {
  parameters?: Parameters;
  query?: Query;
  body?: Body;
  response?: Output;
  /** Default: 200, or 204 without a response body. */
  success?: 200 | 201 | 202;
  location?: (response: z.input<Output>) => string;
}

/** Declares an operation that requires a scope, or any active token for itself. Its schemas type the handler. */
export function operation<
  Parameters extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodUndefined,
  Output extends z.ZodType = z.ZodVoid,
>(
  definition: Typed<Parameters, Query, Body, Output> & {
    handle: (
      call: Call<z.output<Parameters>, z.output<Query>, z.output<Body>>,
    ) => Promise<z.input<Output>>;
  } & ({ scope: ApiScope } | { access: 'self' }),
): Operation {
  return withSuccess(definition as unknown as Omit<Operation, 'success'>);
}

/** Declares an operation that is open to clients, with their credentials or with a token that has the scope. */
export function clientOperation<
  Parameters extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodUndefined,
  Output extends z.ZodType = z.ZodVoid,
>(
  definition: Omit<Typed<Parameters, Query, Body, Output>, 'stream'> & {
    scope: ApiScope;
    handle: (
      call: ClientCall<z.output<Query>, z.output<Parameters>, z.output<Body>>,
    ) => Promise<z.input<Output>>;
    stream?: (call: StreamCall<z.output<Query>>) => Promise<Readable>;
  },
): Operation {
  return {
    ...withSuccess(definition as unknown as Omit<Operation, 'success'>),
    clientCredentials: true,
  };
}

/** Declares an operation without authentication. */
export function openOperation<
  Parameters extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodUndefined,
  Output extends z.ZodType = z.ZodVoid,
>(
  definition: Typed<Parameters, Query, Body, Output> & {
    limit: readonly LimitName[];
    handle: (
      sent: Sent<z.output<Parameters>, z.output<Query>, z.output<Body>>,
    ) => Promise<z.input<Output>>;
  },
): Operation {
  return { ...withSuccess(definition as unknown as Omit<Operation, 'success'>), access: 'anyone' };
}

const withSuccess = (
  definition: Omit<Operation, 'success'> & Partial<Pick<Operation, 'success'>>,
): Operation => ({
  ...definition,
  success: definition.success ?? (definition.response ? 200 : 204),
});
