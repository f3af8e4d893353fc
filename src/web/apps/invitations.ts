import type Router from '@koa/router';
import { appInvitation, appInvitationGone } from '../../../views/apps/invitation.ts';
import type { AppsDomain } from '../../domain/apps/types.ts';
import type { Person } from '../framework/browser-session.ts';
import { ifThere, sendAgain, tryForm } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { named, pathIn, showPage } from './page.ts';

interface Dependencies {
  pages: Pages;
  appInvitations: Pick<AppsDomain['appInvitations'], 'find' | 'received' | 'accept' | 'decline'>;
}

/** `/apps/invitations`: where an invited person joins an app or declines. */
export function appInvitationPages(router: Router, { pages, appInvitations }: Dependencies): void {
  const idOf = ({ session }: Person): string => session.account.id;

  router.get('/apps/invitations/:value', (ctx) => {
    const value = named(ctx, 'value');
    const returnTo = `/apps/invitations/${encodeURIComponent(value)}`;
    return pages.forPerson(ctx, { returnTo }, async (person) => {
      const invitation = await appInvitations.find(value);
      if (!invitation) return gone(ctx, person);
      const received = await appInvitations.received(idOf(person));
      const wrongAccount = !received.some(({ id }) => id === invitation.id);
      await showPage(pages, ctx, person, (frame) =>
        appInvitation(frame, { invitation, wrongAccount }),
      );
    });
  });

  const gone = (ctx: Parameters<typeof showPage>[1], person: Person) =>
    showPage(pages, ctx, person, (frame) => appInvitationGone(frame), { status: 404 });

  router.post('/apps/invitations/accept', (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => sendAgain('/apps'), recent: true },
      (person, { id = '' }) =>
        tryForm(
          async () => {
            const { app } = await appInvitations.accept(idOf(person), id);
            seeOther(ctx, withNotice(pathIn(app), 'app_invitation_accepted'));
          },
          async ({ general: problem, status }) => {
            const received = await appInvitations.received(idOf(person));
            const invitation = received.find((one) => one.id === id);
            if (!invitation) return gone(ctx, person);
            await showPage(
              pages,
              ctx,
              person,
              (frame) => appInvitation(frame, { invitation, wrongAccount: false, problem }),
              { status },
            );
          },
        ),
    ),
  );

  router.post('/apps/invitations/decline', (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain('/apps') }, async (person, { id = '' }) => {
      // An invitation that no longer exists is as good as declined.
      await ifThere(() => appInvitations.decline(idOf(person), id));
      seeOther(ctx, withNotice('/apps', 'app_invitation_declined'));
    }),
  );
}
