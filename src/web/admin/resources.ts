import type { Context } from 'koa';
import {
  type AdminResource,
  adminResource,
  adminResourceNew,
  adminResourcePath,
  adminResources,
  type Opening,
  type ResourceField,
  type ResourceFormProps,
} from '../../../views/admin/resources.ts';
import {
  defaultAppPolicy,
  defaultPersonalPolicy,
  defaultSelfRegisteredPolicy,
  type Resource,
  type ResourceChanges,
  type Resources,
} from '../../domain/resources/resources.ts';
import { readPage } from '../../http/cursor.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { linesOf, type Refusal, tryForm } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { changesOf } from './change.ts';
import type { Call, Console } from './console.ts';
import { pageAsked, pagesAround } from './list.ts';

interface Dependencies {
  resources: Pick<Resources, 'page' | 'find' | 'create' | 'update' | 'delete'>;
  /** The identifier of Writ's own API. */
  apiResource: string;
  /** Those that are not shown, because their dialect is off. */
  hiddenResources: readonly string[];
}

const home = '/admin/resources';

const fields: Partial<Record<ResourceField, string>> = {
  identifier: 'identifier',
  name: 'name',
  scopes: 'scopes',
  ttl: 'access_token_ttl',
};

const noResource = (identifier: string) =>
  new OAuthError('not_found', `There is no resource ${identifier}.`);

/** How an API is opened and closed. Opened again, it gets the defaults of a new one. */
const policies: Readonly<Record<Opening, { open: ResourceChanges; close: ResourceChanges }>> = {
  apps: { open: { appPolicy: defaultAppPolicy }, close: { appPolicy: null } },
  people: { open: { personalPolicy: defaultPersonalPolicy }, close: { personalPolicy: null } },
  self_registered: {
    open: { selfRegisteredPolicy: defaultSelfRegisteredPolicy },
    close: { selfRegisteredPolicy: null },
  },
};

/** `/admin/resources`: the APIs, who can have their tokens, and their settings. */
export function resourcePages(
  admin: Console,
  { resources, apiResource, hiddenResources }: Dependencies,
): void {
  const { page, form: formAt } = admin;
  const idOf = (ctx: Context) => String(ctx['params']['resource']);
  const back = (ctx: Context) => adminResourcePath(idOf(ctx));

  const shown = (resource: Resource): AdminResource => ({
    identifier: resource.identifier,
    name: resource.name,
    scopes: resource.scopes.map(({ name, description }) => ({ name, description })),
    format: resource.tokenFormat,
    signingAlg: resource.signingAlg,
    accessTokenTtl: resource.accessTokenTtl,
    isDefault: resource.isDefault,
    isOwn: resource.identifier === apiResource,
    openTo: {
      apps: resource.appPolicy !== null,
      people: resource.personalPolicy !== null,
      self_registered: resource.selfRegisteredPolicy !== null,
    },
  });

  const show = async (call: Call, rest: ResourceFormProps = {}, status = 200) => {
    const found = await resources.find(idOf(call.ctx));
    if (!found) throw noResource(idOf(call.ctx));
    await call.show((frame) => adminResource(frame, { ...rest, resource: shown(found) }), {
      status,
    });
  };

  const update = async (ctx: Context, changes: ResourceChanges): Promise<void> => {
    if (!(await resources.update(idOf(ctx), changes))) throw noResource(idOf(ctx));
  };

  page(home, 'resources:read', async (call) => {
    const { items, next } = await readPage(
      pageAsked(call.ctx),
      (asked) => resources.page(asked),
      ({ identifier }) => identifier,
    );
    const listed = items.filter(({ identifier }) => !hiddenResources.includes(identifier));
    const pages = pagesAround(call.ctx, home, next);
    await call.show((frame) => adminResources(frame, { resources: listed.map(shown), pages }));
  });

  // `new` comes before the identifiers, which are URIs.
  page(`${home}/new`, 'resources:write', (call) =>
    call.show((frame) => adminResourceNew(frame, {})),
  );

  formAt(home, 'resources:write', { back: `${home}/new` }, (call) =>
    tryForm(
      async () => {
        const { form } = call;
        const identifier = form['identifier']?.trim() ?? '';
        if (!URL.canParse(identifier) || identifier.includes('#'))
          throw parameterError('invalid_request', 'identifier', 'must be a URL without a #.');
        await resources.create({
          identifier,
          name: form['name']?.trim() || identifier,
          scopes: scopesIn(form['scopes']),
          tokenFormat: form['format'] === 'jwt' ? 'jwt' : 'opaque',
          signingAlg: 'ES256',
          accessTokenTtl: secondsIn(form['ttl']),
          isDefault: false,
          appPolicy: null,
        });
        seeOther(call.ctx, withNotice(adminResourcePath(identifier), 'resource_created'));
      },
      ({ problems, general, status }: Refusal<ResourceField>) =>
        call.show(
          (frame) => adminResourceNew(frame, { values: call.form, problems, problem: general }),
          { status },
        ),
      fields,
    ),
  );

  page(`${home}/:resource`, 'resources:read', (call) => show(call));

  /** A form that changes the API, after which a page says so. */
  const change = changesOf<ResourceField>(admin, {
    at: `${home}/:resource`,
    needs: 'resources:write',
    back,
    again: show,
    fields,
  });

  const policyOf = (form: Record<string, string>, to: 'open' | 'close'): ResourceChanges => {
    const opening = form['to'] ?? '';
    if (!Object.hasOwn(policies, opening))
      throw new OAuthError('invalid_request', 'Choose what to open it to.');
    return policies[opening as Opening][to];
  };

  change(
    'settings',
    'resource_saved',
    ({ ctx, form }) =>
      update(ctx, {
        ...(form['name']?.trim() && { name: form['name'].trim() }),
        scopes: scopesIn(form['scopes']),
        tokenFormat: form['format'] === 'jwt' ? 'jwt' : 'opaque',
        accessTokenTtl: secondsIn(form['ttl']),
      }),
    { keeps: true },
  );
  change('open', 'resource_opened', ({ ctx, form }) => update(ctx, policyOf(form, 'open')));
  change('close', 'resource_closed', ({ ctx, form }) => update(ctx, policyOf(form, 'close')));
  change('default', 'resource_default', ({ ctx }) => update(ctx, { isDefault: true }));
  change(
    'delete',
    'resource_deleted',
    async ({ ctx }) => {
      if (!(await resources.delete(idOf(ctx)))) throw noResource(idOf(ctx));
    },
    { next: () => home },
  );
}

/** Scopes of a form: each line has a name, and then a sentence. */
const scopesIn = (text: string | undefined): Resource['scopes'] =>
  linesOf(text).map((line) => {
    const [name = '', ...words] = line.split(/\s+/);
    return { name, description: words.join(' ') };
  });

/** The longest lifetime: 68 years, as the API has it. */
const maxSeconds = 68 * 365 * 86_400;

function secondsIn(text: string | undefined): number | null {
  const given = text?.trim() ?? '';
  if (given === '') return null;
  const seconds = Number(given);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > maxSeconds)
    throw parameterError(
      'invalid_request',
      'access_token_ttl',
      'must be a whole number of seconds.',
    );
  return seconds;
}
