/**
 * Every page of an app, and every form of one with what it is filled in with: `{app}` is its name, `{api_key}`
 * the id of an API key of its first client.
 */

export interface PlaceOfForm {
  path: string;
  fields: Record<string, string>;
  /** The least role that may send it. */
  least: 'Owner' | 'Developer';
  /** The password must have been given lately. */
  recent: boolean;
  /** Where it leads whoever has to sign in first. */
  back: string;
}

export const pagesOfApp = [
  '/apps/{app}',
  '/apps/{app}/clients/new',
  '/apps/{app}/clients/default',
  '/apps/{app}/clients/default/connect',
  '/apps/{app}/clients/default/api-keys',
  '/apps/{app}/clients/default/api-keys/{api_key}',
  '/apps/{app}/members',
  '/apps/{app}/roles',
  '/apps/{app}/roles/edit',
  '/apps/{app}/roles/edit?name=Helper',
  '/apps/{app}/activity',
  '/apps/{app}/settings',
];

const anyId = '0198c0de-0000-7000-8000-000000000000';
const client = '/apps/{app}/clients/default';
const keys = `${client}/api-keys`;
const key = `${keys}/{api_key}`;
const members = '/apps/{app}/members';
const roles = '/apps/{app}/roles';
const settings = '/apps/{app}/settings';

const form = (
  path: string,
  fields: Record<string, string>,
  rest: Partial<Omit<PlaceOfForm, 'path' | 'fields'>> = {},
): PlaceOfForm => ({ path, fields, least: 'Owner', recent: true, back: path, ...rest });

export const formsOfApp: PlaceOfForm[] = [
  form(
    '/apps/{app}/clients/new',
    { kind: 'server', name: 'made', role: 'Reader' },
    { least: 'Developer' },
  ),
  // Its first client has the role Owner, so only an Owner changes it.
  form(`${client}/settings`, { display_name: 'Changed', role: 'Reader' }, { back: client }),
  form(`${client}/secrets`, {}, { back: client }),
  form(`${client}/secrets/delete`, { secret_id: anyId }, { back: client }),
  form(`${client}/disable`, {}, { back: client, recent: false }),
  form(`${client}/enable`, {}, { back: client }),
  form(`${client}/delete`, {}, { back: client }),
  form(
    `${client}/connect/token`,
    { resource: '{resource}', 'scope:things:read': 'on' },
    { back: `${client}/connect` },
  ),
  form(keys, { name: 'Made', may: 'write', expiry: 'never' }),
  form(`${key}/settings`, { name: 'Changed', expiry: 'keep' }, { back: key }),
  form(`${key}/regenerate`, { overlap: '0', expiry: 'keep' }),
  form(`${key}/revoke`, {}, { recent: false }),
  form(`${members}/role`, { account_id: '{owner}', role: 'Reader' }, { back: members }),
  form(`${members}/remove`, { account_id: '{owner}' }, { back: members }),
  form(`${members}/hand-over`, { to: anyId, afterwards: 'stay' }, { back: members }),
  form(`${members}/invite`, { email: 'new@example.com', role: 'Reader' }, { back: members }),
  form(`${members}/revoke`, { id: anyId }, { back: members }),
  form(`${roles}/edit`, { name: 'Made', permissions: 'things.read', manages: 'nothing' }),
  form(
    `${roles}/edit`,
    { name: 'Helper', existing: 'Helper', permissions: 'things', manages: 'nothing' },
    { back: `${roles}/edit?name=Helper` },
  ),
  form(`${roles}/delete`, { name: 'Helper' }, { back: `${roles}/edit?name=Helper` }),
  form(settings, { display_name: 'Changed' }, { recent: false }),
  form('/apps/{app}/disable', {}, { back: settings, recent: false }),
  form('/apps/{app}/enable', {}, { back: settings }),
  form('/apps/{app}/delete', { name: '{app}' }, { back: settings }),
];
