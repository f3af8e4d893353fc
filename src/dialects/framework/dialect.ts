import type { Context } from 'koa';
import type { DialectName } from '../../../config/dialects.ts';
import type { RouteLimit } from '../../../config/limits.ts';
import type { NewResource } from '../../domain/resources/resources.ts';
import type { AuthorizationDetail } from '../../domain/tokens/named/types.ts';
import type { ErrorAnswer } from '../../http/errors.ts';
import type { OAuthError } from '../../oauth/errors.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A method and a path; `:name` matches one segment: `DELETE /users/me/client-keys/:id`. */
export type RouteKey = `${Method} /${string}`;

/** The static description of a route. */
export interface DialectRoute {
  /** The ids of the features that the route serves, such as `Q5` (`features.ts`). */
  features: readonly string[];
  /** As in `src/route-limits.ts`. */
  limit: RouteLimit;
  /** Pages of any origin can call it and read the response (Fetch §3.2). Only for routes that use no cookie. */
  cors?: boolean;
  /** It changes nothing although its method is not GET, so its response need not wait for a commit (`confirm-changes.ts`). */
  reads?: boolean;
  /** Path parameters that are secret and must not be logged. */
  hidden?: readonly string[];
  /**
   * If two products share the path: whether a body is meant for this one. Gets the body as JSON, or undefined if it is
   * not JSON. A route without `claims` takes the requests that no other route claims.
   */
  claims?: (body: unknown) => boolean;
}

export type DialectRoutes = Readonly<Record<RouteKey, DialectRoute>>;

/** Preserves the keys of a route table in its type, so that a missing handler does not compile. */
export const defineRoutes = <const Routes extends DialectRoutes>(routes: Routes): Routes => routes;

/** Handles a request; `parameters` are the decoded segments that `:name` matched. */
export type Handler = (
  ctx: Context,
  parameters: Readonly<Record<string, string>>,
  /** Continues to Writ's own endpoints: `forward.ts`. */
  next: () => Promise<unknown>,
) => unknown;

/** A feature of the product, and the test that shows it works here, or the reason why it does not. */
export interface Feature {
  id: string;
  feature: string;
  shown: { test: string; file: string } | { not: string };
}

/** The static description of a dialect: its routes, and its section of `docs/dialects.md`. */
export interface DialectDescription {
  name: DialectName;
  /** The name of the product. */
  title: string;
  /** The resource of its tokens, which is created when the dialect is enabled. */
  resource: NewResource;
  /**
   * A built-in public client, created with the resource, which can have tokens only for that. It has the device grant if
   * `deviceLifetimes` (in seconds, the default first) is given, otherwise no grants.
   */
  client?: {
    clientId: string;
    name: string;
    accessTokenTtl: number;
    deviceLifetimes?: readonly number[];
  };
  routes: DialectRoutes;
  features: readonly Feature[];
  /** Describes an authorization detail in a sentence; undefined for details that the dialect does not write. */
  describeDetail?: (detail: AuthorizationDetail) => string | undefined;
  /** Whether a detail has the form that the dialect writes, so that it cannot be read in two ways. */
  isDetail?: (detail: AuthorizationDetail) => boolean;
  /** For people who migrate: what to set, where to point the client, and what differs and why (a paragraph each). */
  moving: { set: string; point: string; differs: readonly string[] };
}

/** A dialect of a running server. */
export interface Dialect extends DialectDescription {
  handlers: Readonly<Record<RouteKey, Handler>>;
  /**
   * Translates an error to the product's response, including errors of Writ's own layers (limits, bodies, the
   * database). The message of an internal error is safe to show.
   */
  describeError(error: OAuthError, ctx: Context): ErrorAnswer;
}
