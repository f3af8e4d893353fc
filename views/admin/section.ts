/** The sections of the console. `src/web/admin/sections.ts` says who sees which. */
export type AdminSection =
  | 'home'
  | 'audit'
  | 'settings'
  | 'mail'
  | 'jobs'
  | 'limits'
  | 'people'
  | 'roles'
  | 'identity-providers'
  | 'clients'
  | 'apps'
  | 'resources'
  | 'dialects'
  | 'trusted-issuers'
  | 'cross-app-access'
  | 'signal-streams'
  | 'tokens'
  | 'keys';

/** A section in the navigation. */
export interface SectionShown {
  name: AdminSection;
  /** The heading above it. */
  group: string;
  href: string;
  label: string;
}
