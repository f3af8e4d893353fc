import type Router from '@koa/router';
import type { Context } from 'koa';
import { type AppConnectProps, appConnect } from '../../../views/apps/connect.ts';
import { clientPath } from '../../../views/components/app.ts';
import type { ExampleShown } from '../../../views/components/connect.ts';
import type {
  AppsDomain,
  ClientSecurity,
  IssueTrialToken,
  OpenResource,
} from '../../domain/apps/types.ts';
import { queryValue } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import type { Person } from '../framework/browser-session.ts';
import { sendAgain, tryForm } from '../framework/forms.ts';
import type { Pages } from '../framework/page-guards.ts';
import { connectShown, scopeIn } from './connect-view.ts';
import { actorOf, named, rolesFor, showPage } from './page.ts';
import { apiByCurl } from './snippets/curl.ts';

interface Dependencies {
  issuer: string;
  pages: Pages;
  apps: Pick<AppsDomain['apps'], 'find' | 'openResources'>;
  appClients: Pick<AppsDomain['appClients'], 'find' | 'authorizeTrial'>;
  appRoles: Pick<AppsDomain['appRoles'], 'list'>;
  issueTrialToken: IssueTrialToken;
  /** The URL of the example API and its resource, if this server has one. */
  exampleApi: string | undefined;
  exampleResource: string | undefined;
}

/** `/apps/{app}/clients/{client}/connect`: code that connects a program, and a token to look at. */
export function appConnectPages(router: Router, dependencies: Dependencies): void {
  const { issuer, pages, apps, appClients, appRoles, issueTrialToken } = dependencies;
  const { exampleApi, exampleResource } = dependencies;
  const path = '/apps/:app/clients/:client/connect';
  const at = (ctx: Context) => [named(ctx, 'app'), named(ctx, 'client')] as const;
  const pathOf = (ctx: Context) => {
    const [app, client] = at(ctx);
    return clientPath({ name: app }, { name: client }, '/connect');
  };

  const show = async (
    ctx: Context,
    person: Person,
    wanted: string | null | undefined,
    rest: Pick<AppConnectProps, 'trial' | 'problem'> = {},
    status = 200,
  ) => {
    const actor = actorOf(person);
    const app = await apps.find(actor, named(ctx, 'app'));
    const client = await appClients.find(actor, ...at(ctx));
    const [{ all: roles, mayManage }, open] = await Promise.all([
      rolesFor(appRoles, actor, app),
      apps.openResources(),
    ]);
    const resource = chosen(open, wanted);
    const token = rest.trial?.response.access_token;
    const connect = resource && connectShown(issuer, client, resource, roles);
    const props: AppConnectProps = {
      app,
      client,
      resources: open,
      scopes: resource?.scopes ?? [],
      connect,
      isStrict: isStrict(client.security),
      mayTry: client.kind === 'server' && mayManage(client.role) && !client.security.dpopBound,
      ...(exampleApi &&
        resource?.identifier === exampleResource && {
          example: exampleFor(apiByCurl(exampleApi, token), connect?.scope),
        }),
      ...rest,
    };
    await showPage(pages, ctx, person, (frame) => appConnect(frame, props), {
      status,
      copies: true,
    });
  };

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx) }, (person) =>
      show(ctx, person, queryValue(ctx, 'resource')),
    ),
  );

  router.post(`${path}/token`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent: true }, (person, form) =>
      tryForm(
        async () => {
          const resource = (await apps.openResources()).find(
            ({ identifier }) => identifier === form['resource'],
          );
          if (!resource)
            throw new OAuthError('invalid_request', 'This API is no longer open to apps.', {
              parameter: 'resource',
            });
          const scope = scopeIn(form, resource);
          const client = await appClients.authorizeTrial(actorOf(person), ...at(ctx));
          const trial = await issueTrialToken(client.clientId, {
            resource: resource.identifier,
            scope,
          });
          await show(ctx, person, resource.identifier, { trial });
        },
        ({ general: problem, status }) => show(ctx, person, form['resource'], { problem }, status),
      ),
    ),
  );
}

const isStrict = ({ jwks, requirePushedRequests, dpopBound }: ClientSecurity): boolean =>
  jwks !== null || requirePushedRequests || dpopBound;

/** The calls of the example API that the scope is enough for. */
const exampleFor = ({ read, write }: Required<ExampleShown>, scope: string | undefined) =>
  scopeTokens(scope).includes('things:write') ? { read, write } : { read };

/** The requested resource, otherwise the first one: the default resource, if it is open. */
const chosen = (open: OpenResource[], wanted: string | null | undefined) =>
  open.find(({ identifier }) => identifier === wanted) ?? open[0];
