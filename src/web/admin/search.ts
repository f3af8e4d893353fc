import type { ApiScope } from '../../../config/scopes.ts';
import { adminAppPath } from '../../../views/admin/apps.ts';
import { adminClientPath } from '../../../views/admin/clients.ts';
import { personPath } from '../../../views/admin/people.ts';
import { adminResourcePath } from '../../../views/admin/resources.ts';
import { adminSearch, type FoundGroup } from '../../../views/admin/search.ts';
import { adminTokenPath } from '../../../views/admin/tokens.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { AppsDomain } from '../../domain/apps/types.ts';
import type { ClientRegistry } from '../../domain/clients/clients.ts';
import { isUuid } from '../../domain/database/text-checks.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import type { Roles } from '../../domain/roles/roles.ts';
import type { NamedTokens } from '../../domain/tokens/named/types.ts';
import { tokenManager } from '../../domain/tokens/principal.ts';
import { parsePublicId } from '../../domain/tokens/value.ts';
import { queryValue } from '../../http/form.ts';
import { ifThere } from '../framework/forms.ts';
import type { Console } from './console.ts';
import { hasToken, listPath } from './list.ts';

interface Dependencies {
  accounts: Pick<Accounts, 'describe' | 'page'>;
  registry: Pick<ClientRegistry, 'list'>;
  apps: Pick<AppsDomain['apps'], 'list'>;
  resources: Pick<Resources, 'page'>;
  roles: Pick<Roles, 'page'>;
  namedTokens: Pick<NamedTokens, 'find'>;
}

/** How many of each kind are shown. */
const shownOfKind = 5;

/** The most APIs and roles that are looked through. */
const maxLooked = 500;

/** What is called exactly what was searched for comes first. */
function exactFirst(items: FoundGroup['items'], query: string): FoundGroup['items'] {
  const wanted = query.toLowerCase();
  const isExact = ({ name, detail }: FoundGroup['items'][number]) =>
    [name, detail].some((text) => text?.toLowerCase() === wanted);
  return [...items.filter(isExact), ...items.filter((item) => !isExact(item))];
}

/** `/admin/search`: one search over everything that the person can see. */
export function searchPages(
  { page }: Console,
  { accounts, registry, apps, resources, roles, namedTokens }: Dependencies,
): void {
  page('/admin/search', 'console', async (call) => {
    const query = queryValue(call.ctx, 'q')?.trim().slice(0, 500) ?? '';
    const isToken = hasToken(query);
    const { scopes } = call.actor;
    const limit = shownOfKind + 1;
    const fits = (...texts: (string | null)[]) =>
      texts.some((text) => text?.toLowerCase().includes(query.toLowerCase()));
    const more = (path: string, search: Record<string, string> = { search: query }) =>
      listPath(path, search);

    /** Each kind with the scope that it needs. */
    const kinds: readonly [ApiScope, () => Promise<FoundGroup>][] = [
      [
        'accounts:read',
        async () => {
          const one = isUuid(query) ? await accounts.describe(query) : undefined;
          const found = one ? [one] : await accounts.page({ limit, search: query });
          return {
            label: 'People',
            items: found.map(({ id, name, email }) => ({
              href: personPath(id),
              name: name || email || id,
              detail: email,
            })),
            more: more('/admin/people'),
          };
        },
      ],
      [
        'clients:read',
        async () => ({
          label: 'Clients',
          items: (await registry.list({ limit, search: query })).map(
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
          items: (await apps.list({ kind: 'operator' }, { limit, search: query })).map(
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
          items: (await resources.page({ limit: maxLooked }))
            .filter(({ identifier, name }) => fits(identifier, name))
            .map(({ identifier, name }) => ({
              href: adminResourcePath(identifier),
              name,
              detail: identifier,
            })),
          more: '/admin/resources',
        }),
      ],
      [
        'roles:read',
        async () => ({
          label: 'Roles',
          items: (await roles.page({ limit: maxLooked }))
            .filter(({ name, description }) => fits(name, description))
            .map(({ name, description }) => ({
              href: `/admin/roles/${encodeURIComponent(name)}`,
              name,
              detail: description || null,
            })),
          more: '/admin/roles',
        }),
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
          items: exactFirst(items, query).slice(0, shownOfKind),
          more: items.length > shownOfKind ? all : undefined,
        })),
      }),
    );
  });
}
