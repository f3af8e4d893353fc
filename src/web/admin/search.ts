import type { ApiScope } from '../../../config/scopes.ts';
import { adminAppPath } from '../../../views/admin/apps.ts';
import { adminClientPath } from '../../../views/admin/clients.ts';
import { crossAppPath } from '../../../views/admin/cross-app-access.ts';
import { identityProviderPath } from '../../../views/admin/identity-providers.ts';
import { personPath } from '../../../views/admin/people.ts';
import { adminResourcePath } from '../../../views/admin/resources.ts';
import { adminSearch, type FoundGroup } from '../../../views/admin/search.ts';
import { signalStreamPath } from '../../../views/admin/signal-streams.ts';
import { adminTokenPath } from '../../../views/admin/tokens.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { AppsDomain } from '../../domain/apps/types.ts';
import type { ClientRegistry } from '../../domain/clients/clients.ts';
import type { CrossAppAccesses } from '../../domain/cross-app-access/cross-app-access.ts';
import type { Providers } from '../../domain/providers/providers.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import type { Roles } from '../../domain/roles/roles.ts';
import type { SignalStreams } from '../../domain/signals/streams.ts';
import type { NamedTokens } from '../../domain/tokens/named/types.ts';
import { tokenManager } from '../../domain/tokens/principal.ts';
import { parsePublicId } from '../../domain/tokens/value.ts';
import { queryValue } from '../../http/form.ts';
import { ifThere } from '../framework/forms.ts';
import type { Console } from './console.ts';
import { hasToken, listPath } from './list.ts';

interface Dependencies {
  accounts: Pick<Accounts, 'page'>;
  registry: Pick<ClientRegistry, 'find' | 'list'>;
  apps: Pick<AppsDomain['apps'], 'find' | 'list'>;
  resources: Pick<Resources, 'find' | 'page'>;
  roles: Pick<Roles, 'find' | 'page'>;
  namedTokens: Pick<NamedTokens, 'find'>;
  providers: Pick<Providers, 'all'>;
  crossAppAccess: Pick<CrossAppAccesses, 'all'>;
  signalStreams: Pick<SignalStreams, 'all'>;
}

/** How many of each kind are shown. */
const shownOfKind = 5;

/** The most APIs and roles that are looked through. */
const maxLooked = 500;

/** Those that are called exactly what was searched for, then the others, each once. */
const exactFirst = (
  exact: FoundGroup['items'],
  others: FoundGroup['items'],
): FoundGroup['items'] => [
  ...new Map([...exact, ...others].map((item) => [item.href, item] as const)).values(),
];

/** `/admin/search`: one search over everything that the person can see. */
export function searchPages(
  { page }: Console,
  {
    accounts,
    registry,
    apps,
    resources,
    roles,
    namedTokens,
    providers,
    crossAppAccess,
    signalStreams,
  }: Dependencies,
): void {
  page('/admin/search', 'console', async (call) => {
    const query = queryValue(call.ctx, 'q')?.trim().slice(0, 500) ?? '';
    const isToken = hasToken(query);
    const { scopes } = call.actor;
    const limit = shownOfKind + 1;
    const fits = (...texts: (string | null)[]) =>
      texts.some((text) => text?.toLowerCase().includes(query.toLowerCase()));
    const more = (path: string) => listPath(path, { search: query });
    /** What is `exact`, then what is named so, which could be among the last of many that fit, then the others that fit. */
    const both = async <Found>(
      exact: Promise<readonly (Found | undefined)[]>,
      list: (asked: { limit: number; named?: string; search?: string }) => Promise<Found[]>,
      item: (found: Found) => FoundGroup['items'][number],
    ) => {
      const [ones, named, others] = await Promise.all([
        exact,
        list({ limit, named: query }),
        list({ limit, search: query }),
      ]);
      const first = [...ones.filter((one) => one !== undefined), ...named];
      return exactFirst(first.map(item), others.map(item));
    };
    /** The same of a list that is short in most installations, and has an identifier. */
    const fitting = <Found>(
      one: Found | undefined,
      all: Found[],
      item: (found: Found) => FoundGroup['items'][number],
    ) => {
      const isExact = ({ name, detail }: FoundGroup['items'][number]) =>
        [name, detail].some((text) => text?.toLowerCase() === query.toLowerCase());
      const others = all.map(item).filter(({ name, detail }) => fits(name, detail));
      return exactFirst([...(one ? [item(one)] : []), ...others.filter(isExact)], others);
    };

    /** Each kind with the scope that it needs. */
    const kinds: readonly [ApiScope, () => Promise<FoundGroup>][] = [
      [
        'accounts:read',
        async () => ({
          label: 'People',
          items: await both(
            // Someone else can have a name that is the address of a person.
            accounts.page({ limit: 1, email: query }),
            accounts.page,
            ({ id, name, email }) => ({
              href: personPath(id),
              name: name || email || id,
              detail: email,
            }),
          ),
          more: more('/admin/people'),
        }),
      ],
      [
        'clients:read',
        async () => ({
          label: 'Clients',
          items: await both(
            Promise.all([registry.find(query)]),
            registry.list,
            ({ client_id: id, metadata }) => ({
              href: adminClientPath(id),
              name: String(metadata['client_name'] ?? id),
              detail: id,
            }),
          ),
          more: more('/admin/clients'),
        }),
      ],
      [
        'apps:read',
        async () => ({
          label: 'Apps',
          items: await both(
            Promise.all([ifThere(() => apps.find({ kind: 'operator' }, query.toLowerCase()))]),
            (asked) => apps.list({ kind: 'operator' }, asked),
            ({ name, displayName }) => ({
              href: adminAppPath(name),
              name: displayName || name,
              detail: name,
            }),
          ),
          more: more('/admin/apps'),
        }),
      ],
      [
        'resources:read',
        async () => ({
          label: 'APIs',
          items: fitting(
            await resources.find(query),
            await resources.page({ limit: maxLooked }),
            ({ identifier, name }) => ({
              href: adminResourcePath(identifier),
              name,
              detail: identifier,
            }),
          ),
          more: '/admin/resources',
        }),
      ],
      [
        'roles:read',
        async () => ({
          label: 'Roles',
          items: fitting(
            await roles.find(query),
            await roles.page({ limit: maxLooked }),
            ({ name, description }) => ({
              href: `/admin/roles/${encodeURIComponent(name)}`,
              name,
              detail: description || null,
            }),
          ),
          more: '/admin/roles',
        }),
      ],
      [
        'accounts:read',
        async () => {
          const all = await providers.all();
          return {
            label: 'Identity providers',
            items: fitting(
              all.find(({ id }) => id === query),
              all,
              ({ id, name, issuer }) => ({ href: identityProviderPath(id), name, detail: issuer }),
            ),
            more: '/admin/identity-providers',
          };
        },
      ],
      [
        'clients:read',
        async () => ({
          label: 'Cross-app access',
          items: fitting(undefined, await crossAppAccess.all(), ({ id, client, audience }) => ({
            href: crossAppPath(id),
            name: id,
            detail: `${client} at ${audience}`,
          })),
          more: '/admin/cross-app-access',
        }),
      ],
      [
        'clients:read',
        async () => {
          const all = await signalStreams.all();
          return {
            label: 'Signal streams',
            items: fitting(
              all.find(({ id }) => id === query),
              all,
              ({ id, client, description, endpointUrl }) => ({
                href: signalStreamPath(id),
                name: description || client,
                detail: `${client}, ${endpointUrl ?? 'by poll'}`,
              }),
            ),
            more: '/admin/signal-streams',
          };
        },
      ],
      [
        'tokens:read',
        async () => {
          const token = parsePublicId(query)
            ? await ifThere(() => namedTokens.find(tokenManager(call.actor), query))
            : undefined;
          return {
            label: 'Tokens',
            items: token
              ? [{ href: adminTokenPath(query), name: token.name ?? query, detail: query }]
              : [],
            more: undefined,
          };
        },
      ],
    ];
    const asked = query === '' || isToken ? [] : kinds.filter(([scope]) => scopes.has(scope));
    const groups = await Promise.all(asked.map(([, find]) => find()));
    await call.show((frame) =>
      adminSearch(frame, {
        query,
        isToken,
        groups: groups.map(({ items, more: all, ...group }) => ({
          ...group,
          items: items.slice(0, shownOfKind),
          more: items.length > shownOfKind ? all : undefined,
        })),
      }),
    );
  });
}
