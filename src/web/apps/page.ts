import type { Context } from 'koa';
import { appPath } from '../../../views/parts/app.ts';
import type { Frame, Html } from '../../../views/parts/frame.ts';
import { mayGive } from '../../domain/apps/access.ts';
import type { AppsDomain } from '../../domain/apps/index.ts';
import type { App, AppActor, AppRole } from '../../domain/apps/types.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Pages, Show } from '../context.ts';
import { noticeOf, withNotice } from '../notices.ts';
import type { Person } from '../visit.ts';

/** Pages of apps are those of whoever is signed in: they may what their role in the app lets them. */
export const actorOf = ({ session }: Person): AppActor => ({
  kind: 'account',
  accountId: session.account.id,
});

/** What a request names in its path. */
export const named = (ctx: Context, what: 'app' | 'client' | 'key' | 'value'): string =>
  String(ctx['params'][what]);

/** The path of an app's page. */
export const pathIn = (app: string, rest = ''): string => appPath({ name: app }, rest);

/** Where somebody comes back to who has to sign in before a form of theirs is taken: what they sent is not kept. */
export const sendAgain = (path: string): string => withNotice(path, 'again');

/** Shows a page of apps. */
export const showPage = (
  pages: Pages,
  ctx: Context,
  person: Person,
  view: (frame: Frame) => Html,
  show: Show = {},
): Promise<void> =>
  pages.show(ctx, person, view, {
    current: 'apps',
    notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined,
    ...show,
  });

/** Why a form is shown again, with the field that it is about where there is one. */
export interface Refusal<Field extends string = never> {
  problem: string;
  field?: Field | undefined;
  status: number;
}

/** What can be put right in the form. */
const mendable = new Set([
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'invalid_authorization_details',
  'conflict',
]);

const gone = 'That is not there any more: somebody changed it meanwhile.';

/**
 * Runs what a form asks for. Where that cannot be as it was filled in, `refuse` shows it again; whoever may
 * not is told on a page of its own. The rules say in words what is wrong: `fields` are those of the form, each
 * with the words for it, and the first that fits is the one.
 */
export async function tryForm<Field extends string = never>(
  run: () => Promise<void>,
  refuse: (refusal: Refusal<Field>) => Promise<void>,
  fields: Partial<Record<Field, RegExp>> = {},
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const { code, message: problem, status } = error;
    // Where it is the whole page that is not there, showing it says so.
    if (code === 'not_found') return refuse({ problem: gone, status });
    if (!mendable.has(code)) throw error;
    const names = Object.keys(fields) as Field[];
    const field = names.find((name) => fields[name]?.test(problem));
    await refuse({ problem, field, status });
  }
}

/** What is asked of something that may have gone; nothing where it has. */
export async function ifThere<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** The words for whoever looks for a form that their role does not let them send. */
export const notYours = (app: App, what: string): OAuthError =>
  new OAuthError('access_denied', `Your role ${app.role} does not let you ${what}.`);

/** What members may do with roles: which they may give to clients, and so which clients are theirs to change. */
export async function rolesFor(
  appRoles: Pick<AppsDomain['appRoles'], 'list'>,
  actor: AppActor,
  app: App,
): Promise<{ all: AppRole[]; givable: AppRole[]; mayManage(role: string): boolean }> {
  const all = await appRoles.list(actor, app.name);
  const own = all.find(({ name }) => name === app.role);
  const givable = own && app.manages !== 'nothing' ? all.filter((role) => mayGive(own, role)) : [];
  return { all, givable, mayManage: (role) => givable.some(({ name }) => name === role) };
}

/** Texts that stand a line each in what was filled in. */
export const linesOf = (text = ''): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
