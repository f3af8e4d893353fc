import type Router from '@koa/router';
import { appActivity as appActivityView } from '../../../views/apps/activity.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { AppsDomain } from '../../domain/apps/types.ts';
import { queryValue } from '../../http/form.ts';
import type { Pages } from '../framework/page-guards.ts';
import { eventsShown } from './events.ts';
import { actorOf, named, pathIn, showPage } from './page.ts';

interface Dependencies {
  pages: Pages;
  accounts: Pick<Accounts, 'namesOf'>;
  apps: Pick<AppsDomain['apps'], 'find'>;
  appActivity: AppsDomain['appActivity'];
}

/** The number of events on a page. */
const pageLength = 50;

/** `/apps/{app}/activity`: the events of an app, newest first. */
export function appActivityPages(
  router: Router,
  { pages, accounts, apps, appActivity }: Dependencies,
): void {
  router.get('/apps/:app/activity', (ctx) => {
    const name = named(ctx, 'app');
    return pages.forPerson(ctx, { returnTo: pathIn(name, '/activity') }, async (person) => {
      const actor = actorOf(person);
      const after = queryValue(ctx, 'after') || undefined;
      const app = await apps.find(actor, name);
      const [{ items, next }, usage] = await Promise.all([
        appActivity.page(actor, name, { after, limit: pageLength }),
        appActivity.usage(actor, name),
      ]);
      const events = await eventsShown(items, app, accounts);
      await showPage(pages, ctx, person, (frame) =>
        appActivityView(frame, { app, events, next, newest: after === undefined, usage }),
      );
    });
  });
}
