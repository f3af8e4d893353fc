import type * as z from 'zod';
import type { LimitName } from '../../../config/limits.ts';
import type { ApiScope } from '../../../config/scopes.ts';
import type { AuditAction, AuditTarget } from '../../domain/audit/types.ts';
import type { Idempotency } from '../../domain/database/idempotency.ts';
import type { Precondition } from '../../domain/database/precondition.ts';
import type { Principal } from '../../domain/tokens/principal.ts';
import type { ErrorCode } from '../../oauth/errors.ts';
import type { Represent } from './etag.ts';

/** What was sent, parsed. */
export interface Sent<Path = unknown, Query = unknown, Body = unknown> {
  path: Path;
  query: Query;
  body: Body;
  /** What the caller's `If-Match` and `If-None-Match` ask of the thing as it stands, for the domain to check under its lock. */
  precondition: <Thing>(represent: Represent<Thing>) => Precondition<Thing>;
  /** Where the caller sent an `Idempotency-Key` to an operation that is done once for it. */
  idempotency: Idempotency | undefined;
  /** The address that the request came from. */
  ip: string;
}

/** What a handler gets: what was sent, and who calls. */
export interface Call<Path = unknown, Query = unknown, Body = unknown>
  extends Sent<Path, Query, Body> {
  principal: Principal;
}

/** An operation of the API: the router and the OpenAPI document are both made from this. */
export interface Operation {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below `/api/v1`, with parameters in braces, as OpenAPI has them. */
  path: string;
  tag: string;
  operationId: string;
  /** A few words for lists. */
  summary: string;
  /** Markdown: what it does, what it does not, and what the caller should know. */
  description: string;
  /** The one scope that opens it; absent where `access` says who else may call it. */
  scope?: ApiScope;
  /** API keys of clients open it as well, and see by it nothing but what they made. */
  apiKeys?: true;
  /** `self`: whoever has an active token may do this to that token. `anyone`: nobody is asked who they are. */
  access?: 'self' | 'anyone';
  /** What limits those who may call it without saying who they are; the domain counts it. */
  limit?: readonly LimitName[];
  parameters?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** What it answers; absent where the answer has no body. */
  answer?: z.ZodType;
  success: 200 | 201 | 202 | 204;
  /** Where the thing that was made can be found, below `/api/v1`. */
  location?: (answer: never) => string;
  /** The answer is the one representation of a thing, and carries its `ETag`. */
  tagged?: boolean;
  /** Which of the headers of RFC 9110 §13.1 it honours. */
  conditions?: readonly ('If-Match' | 'If-None-Match')[];
  /** It makes something, and with an `Idempotency-Key` makes it once. */
  idempotency?: true;
  /** Errors beyond those that its shape brings along. */
  errors?: readonly ErrorCode[];
  /** What the audit trail calls it, where it changes something. */
  audit?: {
    action: AuditAction;
    kind: AuditTarget['kind'];
    /** The name of the target where it is not the first part of the path that has a name. */
    id?: (path: Record<string, string>) => string;
  };
  handle(call: Sent & { principal: Principal | undefined }): Promise<unknown>;
}

interface Typed<
  Parameters extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> extends Omit<
    Operation,
    | 'scope'
    | 'access'
    | 'parameters'
    | 'query'
    | 'body'
    | 'answer'
    | 'location'
    | 'success'
    | 'limit'
    | 'handle'
  > {
  parameters?: Parameters;
  query?: Query;
  body?: Body;
  answer?: Answer;
  /** 200, or 204 where there is no answer. */
  success?: 200 | 201 | 202;
  location?: (answer: z.input<Answer>) => string;
}

/** Declares an operation that a scope opens, or any active token for itself; what its handler gets and gives is typed by its schemas. */
export function operation<
  Parameters extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodVoid,
>(
  definition: Typed<Parameters, Query, Body, Answer> & {
    handle: (
      call: Call<z.output<Parameters>, z.output<Query>, z.output<Body>>,
    ) => Promise<z.input<Answer>>;
  } & ({ scope: ApiScope } | { access: 'self' }),
): Operation {
  return withSuccess(definition as unknown as Omit<Operation, 'success'>);
}

/** Declares what anyone may do, without saying who they are. */
export function openOperation<
  Parameters extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodVoid,
>(
  definition: Typed<Parameters, Query, Body, Answer> & {
    limit: readonly LimitName[];
    handle: (
      sent: Sent<z.output<Parameters>, z.output<Query>, z.output<Body>>,
    ) => Promise<z.input<Answer>>;
  },
): Operation {
  return { ...withSuccess(definition as unknown as Omit<Operation, 'success'>), access: 'anyone' };
}

const withSuccess = (
  definition: Omit<Operation, 'success'> & Partial<Pick<Operation, 'success'>>,
): Operation => ({ ...definition, success: definition.success ?? (definition.answer ? 200 : 204) });
