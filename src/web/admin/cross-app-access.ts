import type { Context } from 'koa';
import { crossAppLimits, idJagLifetime } from '../../../config/cross-app-access.ts';
import {
  type CrossAppField,
  type CrossAppProps,
  type CrossAppShown,
  crossAppAccesses,
  crossAppAccess as crossAppAccessView,
  crossAppNew,
  crossAppPath,
} from '../../../views/admin/cross-app-access.ts';
import type { CrossAppAccesses } from '../../domain/cross-app-access/cross-app-access.ts';
import { crossAppAccessNotFound } from '../../domain/cross-app-access/settings.ts';
import type { CrossAppAccess, CrossAppChanges } from '../../domain/cross-app-access/types.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';
import { hasEveryScope } from '../../domain/roles/rules.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { linesOf, tryForm } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { changesOf } from './change.ts';
import type { Call, Console } from './console.ts';

interface Dependencies {
  crossAppAccess: Pick<CrossAppAccesses, 'all' | 'find' | 'create' | 'update' | 'delete'>;
}

const home = '/admin/cross-app-access';

const fields: Partial<Record<CrossAppField, string>> = {
  id: 'id',
  client: 'client',
  audience: 'audience',
  client_id_there: 'client_id_there',
  sso_client: 'sso_client',
  resources: 'resources',
  scopes: 'scopes',
  roles: 'roles',
  lifetime: 'lifetime',
};

/** `/admin/cross-app-access`: which clients get ID-JAGs, with which they reach APIs of other authorization servers for people. */
export function crossAppAccessPages(admin: Console, { crossAppAccess }: Dependencies): void {
  const { page, form: formAt } = admin;
  const idOf = (ctx: Context) => String(ctx['params']['access']);
  const pathOf = (ctx: Context) => crossAppPath(idOf(ctx));

  const show = async (
    call: Call,
    rest: Omit<CrossAppProps, 'access' | 'mayChange'> = {},
    status = 200,
  ) => {
    const access = await crossAppAccess.find(idOf(call.ctx));
    if (!access) throw crossAppAccessNotFound(idOf(call.ctx));
    const props = { access: shown(access), mayChange: hasEveryScope(call.actor), ...rest };
    await call.show((frame) => crossAppAccessView(frame, props), { status });
  };

  page(home, 'clients:read', async (call) => {
    const accesses = (await crossAppAccess.all()).map(shown);
    const mayChange = hasEveryScope(call.actor);
    await call.show((frame) => crossAppAccesses(frame, { accesses, mayChange }));
  });

  // `new` comes before the IDs: access with this ID has no page, only the API.
  page(`${home}/new`, 'clients:write', (call) =>
    call.show((frame) =>
      crossAppNew(frame, { values: { lifetime: String(idJagLifetime.default) } }),
    ),
  );

  formAt(home, 'clients:write', { back: `${home}/new` }, (call) =>
    tryForm<CrossAppField>(
      async () => {
        const { id = '', client = '', audience = '' } = call.form;
        const { client_id_there = '', ...settings } = changesIn(call.form);
        await crossAppAccess.create(call.actor, id.trim(), {
          ...settings,
          client: client.trim(),
          audience: audience.trim(),
          client_id_there,
        });
        seeOther(call.ctx, withNotice(crossAppPath(id.trim()), 'cross_app_created'));
      },
      ({ problems, general, status }) =>
        call.show(
          (frame) => crossAppNew(frame, { values: call.form, problems, problem: general }),
          { status },
        ),
      fields,
    ),
  );

  page(`${home}/:access`, 'clients:read', (call) => show(call));

  const change = changesOf<CrossAppField>(admin, {
    at: `${home}/:access`,
    needs: 'clients:write',
    back: pathOf,
    again: show,
    fields,
  });

  /** `version` is that of the access which the form showed. Throws `conflict` if it has been changed since. */
  const update = async (actor: Caller, id: string, changes: CrossAppChanges, version?: string) =>
    (await crossAppAccess.update(actor, id, changes, (current) => {
      if (version !== undefined && current && current.updated_at.toISOString() !== version)
        throw new OAuthError(
          'conflict',
          'The access was changed meanwhile. Load the page again, and repeat your changes.',
        );
    })) !== undefined;

  change(
    'settings',
    'cross_app_saved',
    ({ actor, ctx, form }) => update(actor, idOf(ctx), changesIn(form), form['version'] ?? ''),
    { keeps: true },
  );
  change('disable', 'cross_app_disabled', ({ actor, ctx }) =>
    update(actor, idOf(ctx), { enabled: false }),
  );
  change('enable', 'cross_app_enabled', ({ actor, ctx }) =>
    update(actor, idOf(ctx), { enabled: true }),
  );
  change(
    'delete',
    'cross_app_deleted',
    ({ actor, ctx }) => crossAppAccess.delete(actor, idOf(ctx)),
    {
      next: () => home,
    },
  );
}

const shown = (access: CrossAppAccess): CrossAppShown => ({
  id: access.id,
  client: access.client,
  audience: access.audience,
  clientIdThere: access.client_id_there,
  ssoClient: access.sso_client,
  resources: access.resources,
  scopes: access.scopes,
  roles: access.roles,
  email: access.email,
  lifetime: access.lifetime,
  enabled: access.enabled,
  createdAt: access.created_at,
  version: access.updated_at.toISOString(),
});

/** The settings of the form. Throws `invalid_request` for what cannot be read. */
function changesIn(form: Record<string, string>): CrossAppChanges {
  const words = (name: string) => [
    ...new Set(form[name]?.trim().split(/\s+/).filter(Boolean) ?? []),
  ];
  const roles = words('roles');
  const lifetime = form['lifetime']?.trim() ?? '';
  if (!/^\d{1,6}$/.test(lifetime))
    throw parameterError('invalid_request', 'lifetime', 'must be a whole number of seconds.');
  if (roles.length > crossAppLimits.roles)
    throw parameterError('invalid_request', 'roles', 'are too many.');
  return {
    client_id_there: form['client_id_there']?.trim() ?? '',
    sso_client: form['sso_client']?.trim() || null,
    resources: linesOf(form['resources']),
    scopes: words('scopes'),
    roles: roles.length > 0 ? roles : null,
    email: form['email'] === 'on',
    lifetime: Number(lifetime),
  };
}
