import type Router from '@koa/router';
import { connectIdentity, identitiesSection } from '../../../views/account/identities.ts';
import type { ProviderFlows } from '../../domain/providers/flows.ts';
import type { Identities } from '../../domain/providers/identities.ts';
import type { Providers } from '../../domain/providers/providers.ts';
import type { Cookies } from '../framework/cookies.ts';
import { sendAgain } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { type SecuritySection, securityPath } from './security.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  providers: Pick<Providers, 'enabled' | 'find'>;
  identities: Pick<Identities, 'list' | 'link' | 'unlink'>;
  providerFlows: ProviderFlows;
}

/** Where a person who has proven an identity at a provider proves their account, and connects both. */
export const connectPath = `${securityPath}/connect`;

/** The section about other providers; nothing if there are none. */
export const identitiesOfPerson =
  ({ providers, identities }: Pick<Dependencies, 'providers' | 'identities'>): SecuritySection =>
  async ({ session }) => {
    const [enabled, linked] = await Promise.all([
      providers.enabled(),
      identities.list(session.account.id),
    ]);
    if (enabled.length === 0 && linked.length === 0) return undefined;
    return (frame) =>
      identitiesSection(frame, {
        identities: linked.map((identity) => ({
          id: identity.id,
          provider: identity.provider,
          enabled: identity.enabled,
          shown: identity.email ?? identity.username,
          createdAt: identity.created_at,
          lastUsedAt: identity.last_used_at,
        })),
        providers: enabled
          .filter(({ id }) => !linked.some(({ provider_id }) => provider_id === id))
          .map(({ id, name }) => ({ id, name })),
      });
  };

/** `/account/security/connect` and `/account/security/identities/remove`. */
export function identityPages(
  router: Router,
  { pages, cookies, providers, identities, providerFlows: flows }: Dependencies,
): void {
  router.get(connectPath, async (ctx) => {
    const pending = await flows.pendingIdentity(cookies.get(ctx, 'pending_identity') ?? '');
    const provider = pending && (await providers.find(pending.providerId));
    if (!pending || !provider) return seeOther(ctx, securityPath);
    // The account is proven after the identity, also by people who were signed in before.
    await pages.forPerson(
      ctx,
      {
        returnTo: connectPath,
        recent: pending.provenAt,
        recentFactor: true,
        loginHint: pending.email ?? undefined,
      },
      (person) =>
        pages.show(ctx, person, (frame) =>
          connectIdentity(frame, {
            provider: provider.name,
            shown: pending.email ?? pending.username,
            account: person.session.account.email ?? person.session.account.name,
          }),
        ),
    );
  });

  router.post(connectPath, async (ctx) => {
    const secret = cookies.get(ctx, 'pending_identity') ?? '';
    const proven = await flows.pendingIdentity(secret);
    await pages.forForm(
      ctx,
      { returnTo: () => connectPath, recent: proven?.provenAt ?? true, recentFactor: true },
      async ({ session }, { decision }) => {
        const pending = await flows.takeIdentity(secret);
        cookies.clear(ctx, 'pending_identity');
        if (!pending) return seeOther(ctx, securityPath);
        if (decision === 'connect') await identities.link(session.account.id, pending, pending);
        const { returnTo } = pending;
        if (decision !== 'connect' || returnTo !== '/account') return seeOther(ctx, returnTo);
        seeOther(ctx, withNotice(securityPath, 'provider_linked'));
      },
    );
  });

  router.post(`${securityPath}/identities/remove`, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => sendAgain(securityPath), recent: true },
      async ({ session }, { identity_id = '' }) => {
        await identities.unlink(session.account.id, identity_id);
        seeOther(ctx, withNotice(securityPath, 'provider_unlinked'));
      },
    ),
  );
}
