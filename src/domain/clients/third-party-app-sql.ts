import { type RawBuilder, sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { clientIsEnabled } from './sql.ts';

/** A client that people let in, as everyone may see it. */
export interface ThirdPartyApp {
  clientId: string;
  name: string;
  description: string | null;
  termsUri: string | null;
  logoUri: string | null;
  /** The first of its redirect URIs; empty where it has none. */
  redirectUri: string;
  /** What it may ask people for, without what keeps it connected. */
  scopes: string[];
  listed: boolean;
  /** Null where no person registered it. */
  author: { id: string; name: string } | null;
  createdAt: Date;
}

/** In the scope of every app: it gets a refresh token, and is connected until a person disconnects it. */
export const stayingConnected = 'offline_access';

/** SQL that holds of an enabled client `c` that people let in at a resource and that has a secret; of one id, where one is named. */
export const isLetIn = (resource: string, clientId?: string): RawBuilder<unknown> => sql`
  ${resource} = any (c.resources) and c.metadata->'grant_types' @> ${JSON.stringify([grantTypes.authorizationCode])}::jsonb
  and c.metadata->'redirect_uris'->>0 is not null
  and coalesce(c.metadata->>'token_endpoint_auth_method', '') not in ('none', 'private_key_jwt')
  and (${clientId ?? null}::text is null or c.client_id = ${clientId ?? null})`;

/** How many of them a list has at most. */
export const listedApps = 200;

/** The clients `c` that `where` holds of, the newest first and `listedApps` at most; those that are disabled or deleted are none. */
export async function selectThirdPartyApps(
  connection: Connection,
  where: RawBuilder<unknown>,
): Promise<ThirdPartyApp[]> {
  const { rows } = await sql<
    Omit<ThirdPartyApp, 'scopes' | 'author'> & {
      scope: string | null;
      authorId: string | null;
      authorName: string | null;
    }
  >`
    select c.client_id as "clientId", coalesce(c.metadata->>'client_name', c.client_id) as name, c.description,
      c.metadata->>'tos_uri' as "termsUri", c.metadata->>'logo_uri' as "logoUri",
      coalesce(c.metadata->'redirect_uris'->>0, '') as "redirectUri", c.metadata->>'scope' as scope, c.listed,
      a.id as "authorId", a.name as "authorName", c.created_at as "createdAt"
    from client c left join app p on p.id = c.app_id left join account a on a.id = c.author_id
    where ${where} and ${sql.raw(clientIsEnabled)}
    order by c.created_at desc, c.client_id limit ${listedApps}`.execute(connection);
  return rows.map(({ scope, authorId, authorName, ...app }) => ({
    ...app,
    scopes: scopeTokens(scope ?? undefined).filter((name) => name !== stayingConnected),
    author: authorId === null ? null : { id: authorId, name: authorName ?? '' },
  }));
}
