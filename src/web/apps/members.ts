import type Router from '@koa/router';
import type { Context } from 'koa';
import { appInvited } from '../../../views/apps/invited.ts';
import { type AppMembersProps, appMembers as appMembersView } from '../../../views/apps/members.ts';
import type { AppActor, AppsDomain } from '../../domain/apps/types.ts';
import { appInvitationUri } from '../../domain/installation/installation.ts';
import type { Form } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from '../framework/browser-session.ts';
import { ifThere, type Refusal, sendAgain, tryForm } from '../framework/forms.ts';
import { type NoticeName, withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { actorOf, named, pathIn, showPage } from './page.ts';

interface Dependencies {
  issuer: string;
  pages: Pages;
  apps: Pick<AppsDomain['apps'], 'find'>;
  appRoles: Pick<AppsDomain['appRoles'], 'list'>;
  appMembers: AppsDomain['appMembers'];
  appInvitations: Pick<AppsDomain['appInvitations'], 'create' | 'list' | 'revoke'>;
}

/** Of the form that invites, each with the parameter that it stands for. */
const fields = { email: 'email', role: 'role' };

/** `/apps/{app}/members`: who belongs to it, who was asked to, and whose it is. */
export function appMembersPages(
  router: Router,
  { issuer, pages, apps, appRoles, appMembers, appInvitations }: Dependencies,
): void {
  const path = '/apps/:app/members';
  const pathOf = (ctx: Context) => pathIn(named(ctx, 'app'), '/members');

  const show = async (
    ctx: Context,
    person: Person,
    rest: Pick<AppMembersProps, 'invite' | 'problem' | 'field'> = {},
    status = 200,
  ) => {
    const actor = actorOf(person);
    const app = await apps.find(actor, named(ctx, 'app'));
    const [members, roles, invitations] = await Promise.all([
      appMembers.list(actor, app.name),
      appRoles.list(actor, app.name),
      appInvitations.list(actor, app.name),
    ]);
    const you = person.session.account.id;
    await showPage(
      pages,
      ctx,
      person,
      (frame) => appMembersView(frame, { app, you, members, roles, invitations, ...rest }),
      { status },
    );
  };

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx) }, (person) => show(ctx, person)),
  );

  /** A form that does one thing; gives what is said then, and on which page. */
  const action = (
    name: string,
    run: (actor: AppActor, app: string, form: Form, you: string) => Promise<Done>,
  ) =>
    router.post(`${path}/${name}`, (ctx) =>
      pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent: true }, (person, form) =>
        tryForm(
          async () => {
            const app = named(ctx, 'app');
            const { notice, left } = await run(
              actorOf(person),
              app,
              form,
              person.session.account.id,
            );
            seeOther(ctx, withNotice(left ? '/apps' : pathOf(ctx), notice));
          },
          ({ problem, status }) => show(ctx, person, { problem }, status),
        ),
      ),
    );

  action('role', async (actor, app, { account_id = '', role = '' }) => {
    await appMembers.set(actor, app, account_id, role);
    return { notice: 'member_saved' };
  });
  action('remove', async (actor, app, { account_id = '' }, you) => {
    await ifThere(() => appMembers.remove(actor, app, account_id));
    return account_id === you ? { notice: 'app_left', left: true } : { notice: 'member_removed' };
  });
  action('leave', async (actor, app, _form, you) => {
    await appMembers.remove(actor, app, you);
    return { notice: 'app_left', left: true };
  });
  action('hand-over', async (actor, app, { to = '', afterwards }) => {
    if (!to)
      throw new OAuthError('invalid_request', 'Choose who the app is handed over to.', {
        parameter: 'to',
      });
    if (afterwards !== 'stay' && afterwards !== 'leave')
      throw new OAuthError('invalid_request', 'Choose whether you stay in the app or leave it.', {
        parameter: 'leave',
      });
    await appMembers.handOver(actor, app, { to, leave: afterwards === 'leave' });
    return { notice: 'app_handed_over', left: afterwards === 'leave' };
  });
  action('revoke', async (actor, app, { id = '' }) => {
    await ifThere(() => appInvitations.revoke(actor, app, id));
    return { notice: 'app_invitation_revoked' };
  });

  router.post(`${path}/invite`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent: true }, (person, form) => {
      const { email = '', role = '' } = form;
      return tryForm(
        async () => {
          const actor = actorOf(person);
          const app = await apps.find(actor, named(ctx, 'app'));
          const { invitation, value } = await appInvitations.create(actor, app.name, {
            email: email.trim(),
            role,
          });
          const link = appInvitationUri(issuer, value);
          await showPage(
            pages,
            ctx,
            person,
            (frame) => appInvited(frame, { app, invitation, link }),
            { copies: true },
          );
        },
        ({ status, ...rest }: Refusal<keyof typeof fields>) =>
          show(ctx, person, { invite: { email, role }, ...rest }, status),
        fields,
      );
    }),
  );
}

interface Done {
  notice: NoticeName;
  /** Whoever did it belongs to the app no more. */
  left?: boolean;
}
