import type Router from '@koa/router';
import type { Context } from 'koa';
import { type AppAgentProps, appAgent } from '../../../views/apps/agent.ts';
import { clientPath } from '../../../views/components/app.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { AppsDomain } from '../../domain/apps/types.ts';
import { queryValue } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from '../framework/browser-session.ts';
import { ifThere, sendAgain, tryForm } from '../framework/forms.ts';
import { type NoticeName, withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { eventsShown } from './events.ts';
import { actorOf, named, rolesFor, showPage } from './page.ts';

interface Dependencies {
  pages: Pages;
  accounts: Pick<Accounts, 'namesOf'>;
  apps: Pick<AppsDomain['apps'], 'find'>;
  appClients: Pick<AppsDomain['appClients'], 'find' | 'disable' | 'enable'>;
  appAgents: AppsDomain['appAgents'];
  appRoles: Pick<AppsDomain['appRoles'], 'list'>;
}

/** The number of people, and of events, on a page. */
const pageLength = 25;

/** `/apps/{app}/clients/{client}/agent`: what an agent may do, for whom it acts and what it did; it is stopped here. */
export function appAgentPages(
  router: Router,
  { pages, accounts, apps, appClients, appAgents, appRoles }: Dependencies,
): void {
  const path = '/apps/:app/clients/:client/agent';
  const at = (ctx: Context) => [named(ctx, 'app'), named(ctx, 'client')] as const;
  const pathOf = (ctx: Context) => {
    const [app, client] = at(ctx);
    return clientPath({ name: app }, { name: client }, '/agent');
  };

  const show = async (
    ctx: Context,
    person: Person,
    { problem, status = 200 }: { problem?: string | undefined; status?: number } = {},
  ) => {
    const actor = actorOf(person);
    const names = at(ctx);
    const app = await apps.find(actor, names[0]);
    const { agent, ...client } = await appClients.find(actor, ...names);
    if (!agent) throw new OAuthError('not_found', `The client ${client.clientId} is not an agent.`);
    const isOwner = app.manages === 'app';
    const about = (isOwner && queryValue(ctx, 'person')) || undefined;
    const [{ all, mayManage }, state, found, activity] = await Promise.all([
      rolesFor(appRoles, actor, app),
      appAgents.state(actor, ...names),
      isOwner
        ? appAgents.people(actor, ...names, {
            limit: pageLength + 1,
            after: queryValue(ctx, 'people') || undefined,
          })
        : undefined,
      appAgents.activity(actor, ...names, {
        after: queryValue(ctx, 'after') || undefined,
        limit: pageLength,
        person: about,
      }),
    ]);
    const people = found?.slice(0, pageLength);
    const props: AppAgentProps = {
      app,
      client: { ...client, agent },
      mayManage: mayManage(client.role),
      role: all.find(({ name }) => name === client.role),
      state,
      people,
      nextPeople: found && found.length > pageLength ? (people?.at(-1)?.accountId ?? null) : null,
      events: await eventsShown(activity.items, app, accounts),
      next: activity.next,
      person:
        about === undefined
          ? undefined
          : {
              accountId: about,
              name: people?.find(({ accountId }) => accountId === about)?.name ?? null,
            },
      problem,
    };
    await showPage(pages, ctx, person, (frame) => appAgent(frame, props), { status });
  };

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx) }, (person) => show(ctx, person)),
  );

  /** A form with one action. Afterwards the page shows the notice `done`. */
  const action = (
    name: string,
    done: NoticeName,
    run: (
      person: Person,
      names: readonly [string, string],
      form: Record<string, string>,
    ) => unknown,
    { recent }: { recent: boolean },
  ) =>
    router.post(`${path}/${name}`, (ctx) =>
      pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent }, (person, form) =>
        tryForm(
          async () => {
            await run(person, at(ctx), form);
            seeOther(ctx, withNotice(pathOf(ctx), done));
          },
          ({ general: problem, status }) => show(ctx, person, { problem, status }),
        ),
      ),
    );

  // What ends something asks for no fresh sign-in: it must not be delayed.
  action(
    'stop',
    'agent_stopped',
    (person, names) => appClients.disable(actorOf(person), ...names),
    { recent: false },
  );
  action(
    'end',
    'delegation_ended',
    (person, names, form) =>
      ifThere(() => appAgents.endDelegation(actorOf(person), ...names, form['account_id'] ?? '')),
    { recent: false },
  );
  action(
    'start',
    'agent_started',
    (person, names) => appClients.enable(actorOf(person), ...names),
    { recent: true },
  );
}
