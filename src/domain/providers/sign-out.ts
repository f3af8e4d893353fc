import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import { endSessions } from '../accounts/session-end.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import type { Providers } from './providers.ts';
import { type IdentityProvider, type Upstream, UpstreamError } from './types.ts';

/** Signing out of a session here and of the session at the provider that it came from. */
export function createProviderSignOut({
  database: { kysely },
  providers,
  upstream,
}: {
  database: Pick<Database, 'kysely'>;
  providers: Pick<Providers, 'find'>;
  upstream: Pick<Upstream, 'signOutUrl' | 'verifyLogout'>;
}) {
  return {
    /**
     * Where the person also signs out of the provider that this session came from; undefined if there is none, or if it does
     * not answer. To be called before the session ends.
     */
    async addressFor(sessionId: string): Promise<{ name: string; url: string } | undefined> {
      const origin = await orUnavailable(() =>
        kysely
          .selectFrom('session as s')
          .innerJoin('linked_identity as i', 'i.id', 's.identity_id')
          .innerJoin('identity_provider as p', 'p.id', 'i.provider_id')
          .select(['p.id', 'i.email'])
          .where('s.id', '=', sessionId)
          .where('p.sign_out', '=', true)
          .executeTakeFirst(),
      );
      const provider = origin && (await providers.find(origin.id));
      if (!provider) return undefined;
      try {
        const url = await upstream.signOutUrl(provider, origin.email);
        return url === undefined ? undefined : { name: provider.name, url };
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error;
        return undefined;
      }
    },

    /**
     * Ends the sessions that a logout token of a provider names (OpenID Connect Back-Channel Logout 1.0 §2.7), and returns their
     * number. Throws UpstreamError for a token that is not valid.
     */
    async endSessions(provider: IdentityProvider, token: string): Promise<number> {
      const { issuer, subject, sid } = await upstream.verifyLogout(provider, token);
      return orUnavailable(() =>
        kysely.transaction().execute((transaction) =>
          endSessions(
            transaction,
            (sessions) =>
              sessions
                .where(
                  sql<boolean>`session.identity_id in (select i.id from linked_identity i
                    where i.provider_id = ${provider.id} and i.issuer = ${issuer}
                      and (${subject}::text is null or i.subject = ${subject}))`,
                )
                .$if(sid !== null, (some) => some.where('session.upstream_sid', '=', sid)),
            async ({ ids }) => {
              for (const id of ids)
                await recordEvent(transaction, {
                  action: 'session.ended',
                  target: { kind: 'session', id },
                  details: {
                    because: 'the identity provider signed the person out',
                    provider: provider.id,
                  },
                });
              return ids.length;
            },
          ),
        ),
      );
    },
  };
}

export type ProviderSignOut = ReturnType<typeof createProviderSignOut>;
