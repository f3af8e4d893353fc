import type { Context } from 'koa';
import type { DialectName } from '../../../config/dialects.ts';
import type { RouteLimit } from '../../../config/limits.ts';
import type { NewResource } from '../../domain/resources/resources.ts';
import type { AuthorizationDetail } from '../../domain/tokens/named/types.ts';
import type { ErrorAnswer } from '../../http/errors.ts';
import type { OAuthError } from '../../oauth/errors.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A method and a path in which `:name` stands for one segment: `DELETE /users/me/client-keys/:id`. */
export type RouteKey = `${Method} /${string}`;

/** What is known of a route without running it. */
export interface DialectRoute {
  /** The numbers of the product's features that it serves, as in `features.ts`: `Q5`. */
  features: readonly string[];
  /** As in `src/route-limits.ts`. */
  limit: RouteLimit;
  /** Pages of any origin may call it and read the answer (Fetch §3.2). Only where it depends on no cookie. */
  cors?: boolean;
  /** It changes nothing although its method is not GET, so that its answer waits for no disk (`confirm-changes.ts`). */
  reads?: boolean;
  /** Parameters of the path that no log has: who knows them may do more than others. */
  hidden?: readonly string[];
  /**
   * Where two products have one path, whether a body is meant for this one. It gets the body as JSON, undefined
   * where it is none. A route without it takes what no other claims.
   */
  claims?: (body: unknown) => boolean;
}

export type DialectRoutes = Readonly<Record<RouteKey, DialectRoute>>;

/** Keeps the keys of a table of routes, so that a handler that is missing does not compile. */
export const defineRoutes = <const Routes extends DialectRoutes>(routes: Routes): Routes => routes;

/** Answers a request on a route; `parameters` are the segments that `:name` stands for, decoded. */
export type Handler = (
  ctx: Context,
  parameters: Readonly<Record<string, string>>,
  /** Goes on to Writ's own endpoints: `forward.ts`. */
  next: () => Promise<unknown>,
) => unknown;

/** A feature that the product has, and the test that shows that its clients have it here, or why they have not. */
export interface Feature {
  id: string;
  feature: string;
  shown: { test: string; file: string } | { not: string };
}

/** What a dialect says of itself without a server: its routes and what `docs/dialects.md` says. */
export interface DialectDescription {
  name: DialectName;
  /** What the product is called. */
  title: string;
  /** The resource of its tokens, which is created when the dialect is switched on. */
  resource: NewResource;
  /**
   * A public client of its own, which is created with the resource: it may have tokens for that only. It has no grants,
   * or the device grant where there are seconds of which a person chooses how long a login lasts, the default first.
   */
  client?: {
    clientId: string;
    name: string;
    accessTokenTtl: number;
    deviceLifetimes?: readonly number[];
  };
  routes: DialectRoutes;
  features: readonly Feature[];
  /** One action on a single thing of its resource, in a sentence; undefined for what it would not write. */
  describeDetail?: (detail: AuthorizationDetail) => string | undefined;
  /** Whether a detail that its resource declares is written as it would write it, so that all read one thing in it. */
  isDetail?: (detail: AuthorizationDetail) => boolean;
  /** For people who move: what to set, where to point the client, and what differs and why, a paragraph each. */
  moving: { set: string; point: string; differs: readonly string[] };
}

/** A dialect of a running server. */
export interface Dialect extends DialectDescription {
  handlers: Readonly<Record<RouteKey, Handler>>;
  /**
   * The product's answer to an error, of Writ's own layers too (limits, bodies, what the database refuses). The
   * error of a fault of ours has a sentence that may be shown.
   */
  describeError(error: OAuthError, ctx: Context): ErrorAnswer;
}
