import type Router from '@koa/router';
import type { Context } from 'koa';
import { ownerRole } from '../../../config/apps.ts';
import { appInvited } from '../../../views/apps/invited.ts';
import { appMemberRemoval } from '../../../views/apps/member-removal.ts';
import { type AppMembersProps, appMembers as appMembersView } from '../../../views/apps/members.ts';
import type { App, AppActor, AppsDomain } from '../../domain/apps/types.ts';
import { appInvitationUri } from '../../domain/installation/installation.ts';
import type { Form } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from '../framework/browser-session.ts';
import { ifThere, type Refusal, sendAgain, tryForm } from '../framework/forms.ts';
import { type NoticeName, withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import type { MailDelivery } from '../sign-in/forgot.ts';
import { actorOf, named, pathIn, showPage } from './page.ts';

interface Dependencies {
  issuer: string;
  pages: Pages;
  apps: Pick<AppsDomain['apps'], 'find'>;
  appRoles: Pick<AppsDomain['appRoles'], 'list'>;
  appMembers: AppsDomain['appMembers'];
  appInvitations: Pick<AppsDomain['appInvitations'], 'create' | 'list' | 'revoke'>;
  mailDelivery: MailDelivery;
}

/** Each field of the form that invites, with the parameter that it stands for. */
const fields = { email: 'email', role: 'role' };

/** `/apps/{app}/members`: the members and invitations of an app, and its transfer. */
export function appMembersPages(
  router: Router,
  { issuer, pages, apps, appRoles, appMembers, appInvitations, mailDelivery }: Dependencies,
): void {
  const path = '/apps/:app/members';
  const pathOf = (ctx: Context) => pathIn(named(ctx, 'app'), '/members');

  const show = async (
    ctx: Context,
    person: Person,
    rest: Pick<AppMembersProps, 'invite' | 'sendEmail' | 'problems' | 'problem'> = {},
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
      (frame) =>
        appMembersView(frame, {
          app,
          you,
          members,
          roles,
          invitations,
          sendsEmails: mailDelivery === 'email',
          ...rest,
        }),
      { status },
    );
  };

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx) }, (person) => show(ctx, person)),
  );

  /** A form with one action, which returns the notice to show. */
  const action = (name: string, run: (actor: AppActor, app: string, form: Form) => Promise<Done>) =>
    router.post(`${path}/${name}`, (ctx) =>
      pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent: true }, (person, form) =>
        tryForm(
          async () => {
            const app = named(ctx, 'app');
            const { notice, left } = await run(actorOf(person), app, form);
            seeOther(ctx, withNotice(left ? '/apps' : pathOf(ctx), notice));
          },
          ({ general: problem, status }) => show(ctx, person, { problem }, status),
        ),
      ),
    );

  action('role', async (actor, app, { account_id = '', role = '' }) => {
    await appMembers.set(actor, app, account_id, role);
    return { notice: 'member_saved' };
  });

  /** A form that removes a member. If they created credentials that still work, it first asks what to do with them. */
  const removal = (name: 'remove' | 'leave', whose: (form: Form, you: string) => string) =>
    router.post(`${path}/${name}`, (ctx) =>
      pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent: true }, (person, form) =>
        tryForm(
          async () => {
            const [actor, you] = [actorOf(person), person.session.account.id];
            const app = await apps.find(actor, named(ctx, 'app'));
            const accountId = whose(form, you);
            const self = accountId === you;
            const { credentials: choice } = form;
            const asked =
              choice === 'end' || choice === 'keep'
                ? undefined
                : await createdBy(actor, app, accountId);
            if (asked)
              return showPage(pages, ctx, person, (frame) =>
                appMemberRemoval(frame, { app, self, ...asked }),
              );
            const remove = () =>
              appMembers.remove(actor, app.name, accountId, { endCredentials: choice === 'end' });
            await (name === 'leave' ? remove() : ifThere(remove));
            seeOther(
              ctx,
              withNotice(self ? '/apps' : pathOf(ctx), self ? 'app_left' : 'member_removed'),
            );
          },
          ({ general: problem, status }) => show(ctx, person, { problem }, status),
        ),
      ),
    );

  /** What to ask about; undefined if the member created nothing that works, or cannot leave anyway. */
  const createdBy = async (actor: AppActor, { name, manages }: App, accountId: string) => {
    if (manages === 'nothing') return undefined;
    const [members, credentials] = await Promise.all([
      appMembers.list(actor, name),
      appMembers.credentials(actor, name, accountId),
    ]);
    const member = members.find((one) => one.accountId === accountId);
    const isLastOwner =
      member?.role === ownerRole && members.filter(({ role }) => role === ownerRole).length === 1;
    return member && !isLastOwner && credentials.length > 0 ? { member, credentials } : undefined;
  };

  removal('remove', ({ account_id = '' }) => account_id);
  removal('leave', (_form, you) => you);
  action('hand-over', async (actor, app, { to = '', afterwards }) => {
    if (!to)
      throw new OAuthError('invalid_request', 'Choose the new Owner.', {
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
          const sendEmail = mailDelivery === 'email' && 'send_email' in form;
          const { invitation, value, sentTo } = await appInvitations.create(actor, app.name, {
            email: email.trim(),
            role,
            sendEmail,
          });
          const link = appInvitationUri(issuer, value);
          await showPage(
            pages,
            ctx,
            person,
            (frame) =>
              appInvited(frame, {
                app,
                invitation,
                link,
                isSent: sentTo !== null,
                tooMany: sendEmail && sentTo === null,
              }),
            { copies: true },
          );
        },
        ({ problems, general, status }: Refusal<keyof typeof fields>) =>
          show(
            ctx,
            person,
            {
              invite: { email, role },
              sendEmail: 'send_email' in form,
              problems,
              problem: general,
            },
            status,
          ),
        fields,
      );
    }),
  );
}

interface Done {
  notice: NoticeName;
  /** Whether the person has left the app. */
  left?: boolean;
}
