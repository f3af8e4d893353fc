import type { ApiScope } from '../../../config/scopes.ts';
import type { AdminSection, SectionShown } from '../../../views/admin/section.ts';

interface Section {
  group: 'Installation' | 'People' | 'Access' | 'Tokens';
  href: string;
  label: string;
  /** Who sees it: people whose roles have one of these scopes. None: everyone who sees another section. */
  scopes: readonly ApiScope[];
}

/** The sections of the console, in the order of its navigation. */
const sections: Readonly<Record<AdminSection, Section>> = {
  home: { group: 'Installation', href: '/admin', label: 'Home', scopes: [] },
  audit: { group: 'Installation', href: '/admin/audit', label: 'Audit', scopes: ['audit:read'] },
  settings: {
    group: 'Installation',
    href: '/admin/settings',
    label: 'Settings',
    scopes: ['diagnostics:read'],
  },
  mail: {
    group: 'Installation',
    href: '/admin/mail',
    label: 'Mail',
    scopes: ['diagnostics:read'],
  },
  jobs: {
    group: 'Installation',
    href: '/admin/jobs',
    label: 'Jobs',
    scopes: ['diagnostics:read'],
  },
  limits: {
    group: 'Installation',
    href: '/admin/limits',
    label: 'Limits',
    scopes: ['diagnostics:read'],
  },
  people: { group: 'People', href: '/admin/people', label: 'People', scopes: ['accounts:read'] },
  roles: { group: 'People', href: '/admin/roles', label: 'Roles', scopes: ['roles:read'] },
  'identity-providers': {
    group: 'People',
    href: '/admin/identity-providers',
    label: 'Identity providers',
    scopes: ['accounts:read'],
  },
  clients: { group: 'Access', href: '/admin/clients', label: 'Clients', scopes: ['clients:read'] },
  apps: { group: 'Access', href: '/admin/apps', label: 'Apps', scopes: ['apps:read'] },
  resources: {
    group: 'Access',
    href: '/admin/resources',
    label: 'APIs',
    scopes: ['resources:read'],
  },
  dialects: {
    group: 'Access',
    href: '/admin/dialects',
    label: 'Dialects',
    scopes: ['diagnostics:read'],
  },
  'trusted-issuers': {
    group: 'Access',
    href: '/admin/trusted-issuers',
    label: 'Trusted issuers',
    scopes: ['clients:read'],
  },
  'cross-app-access': {
    group: 'Access',
    href: '/admin/cross-app-access',
    label: 'Cross-app access',
    scopes: ['clients:read'],
  },
  'signal-streams': {
    group: 'Access',
    href: '/admin/signal-streams',
    label: 'Signal streams',
    scopes: ['clients:read'],
  },
  tokens: { group: 'Tokens', href: '/admin/tokens', label: 'Tokens', scopes: ['tokens:read'] },
  keys: { group: 'Tokens', href: '/admin/keys', label: 'Keys', scopes: ['keys:read'] },
};

/** The sections that a person sees whose roles have these scopes. Without any, there is no console for them. */
export function sectionsFor(given: ReadonlySet<string>): SectionShown[] {
  const isTheirs = ({ scopes }: Section) => scopes.some((scope) => given.has(scope));
  const hasConsole = Object.values(sections).some(isTheirs);
  return Object.entries(sections)
    .filter(([, section]) => hasConsole && (section.scopes.length === 0 || isTheirs(section)))
    .map(([name, { group, href, label }]) => ({ name: name as AdminSection, group, href, label }));
}
