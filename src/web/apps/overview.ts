import type Router from '@koa/router';
import { appHome } from '../../../views/apps/overview.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { AppsDomain } from '../../domain/apps/types.ts';
import type { Pages } from '../framework/page-guards.ts';
import { eventsShown } from './events.ts';
import { actorOf, named, pathIn, showPage } from './page.ts';

interface Dependencies {
  pages: Pages;
  accounts: Pick<Accounts, 'namesOf'>;
  apps: Pick<AppsDomain['apps'], 'find'>;
  appClients: Pick<AppsDomain['appClients'], 'list'>;
  appActivity: AppsDomain['appActivity'];
}

/** The number of events shown. */
const latest = 5;

/** `/apps/{app}`: the clients of an app, the tokens that they got, and the latest events. */
export function appOverviewPages(
  router: Router,
  { pages, accounts, apps, appClients, appActivity }: Dependencies,
): void {
  router.get('/apps/:app', (ctx) => {
    const name = named(ctx, 'app');
    return pages.forPerson(ctx, { returnTo: pathIn(name) }, async (person) => {
      const actor = actorOf(person);
      const app = await apps.find(actor, name);
      const [clients, usage, { items }] = await Promise.all([
        appClients.list(actor, name),
        appActivity.usage(actor, name),
        appActivity.page(actor, name, { limit: latest }),
      ]);
      const events = await eventsShown(items, app, accounts);
      await showPage(pages, ctx, person, (frame) =>
        appHome(frame, { app, clients, usage, events }),
      );
    });
  });
}
