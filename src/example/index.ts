/**
 * THE EXAMPLE API: a small resource server for a first call with a new token. It decides as every resource server should:
 * by audience, scope, entitlements and authorization details. Its things are in memory, separate for each app, person and
 * client.
 */
import type { Context, Middleware } from 'koa';
import { isOneLine } from '../domain/database/text-checks.ts';
import type { Rights } from '../domain/tokens/entitlements.ts';
import type { TokenState } from '../domain/tokens/token-state.ts';
import { readText } from '../http/form.ts';
import { parseJson } from '../http/json.ts';
import { OAuthError } from '../oauth/errors.ts';
import { type Authorization, authorize, type Needs, requirePermitted } from './authorize.ts';
import { permits } from './details.ts';
import { createThings, nothingHere, type Things } from './things.ts';

/** The path of the example API. */
export const examplePath = '/example/things';

/** Serves `/example/things`, and passes on everything else. */
export function createExampleApi(authorization: Authorization): Middleware {
  const things = createThings();
  return async (ctx, next) => {
    const { path } = ctx;
    if (path !== examplePath && !path.startsWith(`${examplePath}/`)) return next();
    const id = path.slice(examplePath.length + 1);
    const operations = path === examplePath ? ofAll : ofOne;
    const method = ctx.method === 'HEAD' ? 'GET' : ctx.method;
    const operation = operations[method];
    if (!operation) {
      const allowed = Object.keys(operations).join(', ');
      ctx.set('Allow', allowed);
      throw new OAuthError('method_not_allowed', `This path supports only ${allowed}.`);
    }
    const token = await authorize(ctx, authorization, operation.needs);
    ctx.set('Cache-Control', 'no-store');
    await operation.answer(ctx, { things, owner: ownerOf(token), token, id, authorization });
  };
}

/** Whose things a token gives access to. The name of an app and the ID of a person or a client are never reused. */
function ownerOf({ accountId, clientId, rights }: TokenState & { rights: Rights }): string {
  if (rights.app !== undefined) return `app ${rights.app}`;
  return accountId === null ? `client ${clientId}` : `account ${accountId}`;
}

interface Call {
  things: Things;
  owner: string;
  token: TokenState;
  id: string;
  authorization: Authorization;
}

interface Operation {
  needs: Needs;
  answer(ctx: Context, call: Call): void | Promise<void>;
}

const toRead: Needs = { scope: 'things:read', permission: 'things.read' };
const toWrite: Needs = { scope: 'things:write', permission: 'things.write' };

const ofAll: Record<string, Operation> = {
  GET: {
    needs: toRead,
    answer(ctx, { things, owner, token }) {
      const shown = things.list(owner).filter(({ id }) => permits(token, { action: 'read', id }));
      ctx.body = { items: shown };
    },
  },
  POST: {
    needs: toWrite,
    async answer(ctx, { things, owner, token, authorization }) {
      requirePermitted(ctx, authorization, token, { action: 'write' });
      const thing = things.add(owner, {
        name: await readName(ctx),
        created_by: token.name ?? token.clientId,
      });
      ctx.status = 201;
      ctx.set('Location', `${examplePath}/${thing.id}`);
      ctx.body = thing;
    },
  },
};

const ofOne: Record<string, Operation> = {
  GET: {
    needs: toRead,
    answer(ctx, { things, owner, token, id, authorization }) {
      requirePermitted(ctx, authorization, token, { action: 'read', id });
      const found = things.list(owner).find((thing) => thing.id === id);
      if (!found) throw nothingHere();
      ctx.body = found;
    },
  },
  DELETE: {
    needs: toWrite,
    answer(ctx, { things, owner, token, id, authorization }) {
      requirePermitted(ctx, authorization, token, { action: 'write', id });
      things.remove(owner, id);
      ctx.status = 204;
    },
  },
};

const maxNameLength = 100;

/** The name in the body. Throws `invalid_request`, and `unsupported_media_type` for another content type than JSON. */
async function readName(ctx: Context): Promise<string> {
  if (ctx.get('content-type') && ctx.is('application/json', 'application/*+json') === false)
    throw new OAuthError('unsupported_media_type', 'Send the body as application/json.');
  const name = nameIn(await readText(ctx));
  if (name === undefined || name.length > maxNameLength || !isOneLine(name))
    throw new OAuthError(
      'invalid_request',
      `Send {"name": "…"} as JSON, with 1 to ${maxNameLength} characters on one line.`,
    );
  return name;
}

function nameIn(body: string): string | undefined {
  try {
    const { name } = parseJson(body) as { name?: unknown };
    return typeof name === 'string' ? name.trim() || undefined : undefined;
  } catch {
    return undefined;
  }
}
