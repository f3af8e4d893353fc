import type { ScopeDescription } from '../../../db/schema.ts';

/** The scopes of Speckle, each with the sentence that a person reads before they grant it. */
export const speckleScopes = [
  { name: 'streams:read', description: 'Read your streams and everything in them' },
  { name: 'streams:write', description: 'Create, change and share streams on your behalf' },
  { name: 'profile:read', description: 'Read your profile' },
  { name: 'profile:write', description: 'Change your profile' },
  { name: 'profile:email', description: 'Read your email address' },
  { name: 'profile:delete', description: 'Delete your account and everything in it' },
  { name: 'users:read', description: 'Read the public profiles of other people' },
  { name: 'users:email', description: 'Read the email addresses of other people' },
  { name: 'users:invite', description: 'Invite other people on your behalf' },
  { name: 'server:stats', description: 'Read the statistics of the server' },
  { name: 'server:setup', description: 'Change the settings of the server' },
  { name: 'tokens:read', description: 'See your tokens, without their values' },
  { name: 'tokens:write', description: 'Create and revoke tokens on your behalf' },
  { name: 'apps:read', description: 'See the apps that you registered and allowed' },
  { name: 'apps:write', description: 'Register, change and delete apps on your behalf' },
  { name: 'automate:report-results', description: 'Report the results of automations' },
  { name: 'automate-functions:read', description: 'Read automation functions' },
  { name: 'automate-functions:write', description: 'Create and change automation functions' },
  { name: 'workspace:create', description: 'Create workspaces on your behalf' },
  { name: 'workspace:read', description: 'Read your workspaces' },
  { name: 'workspace:update', description: 'Change your workspaces' },
  { name: 'workspace:delete', description: 'Delete your workspaces' },
  { name: 'workspace:billing', description: 'Manage the billing of your workspaces' },
] as const satisfies readonly ScopeDescription[];

export type SpeckleScope = (typeof speckleScopes)[number]['name'];
