import { appInvitation, appInvitationGone } from '../../../views/apps/invitation.ts';
import { appInvited } from '../../../views/apps/invited.ts';
import {
  type AppMemberRemovalProps,
  appMemberRemoval,
} from '../../../views/apps/member-removal.ts';
import { type AppMembersProps, appMembers } from '../../../views/apps/members.ts';
import type { ReceivedInvitationShown } from '../../../views/components/app.ts';
import {
  ada,
  ago,
  ahead,
  arabic,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  long,
  minute,
  now,
  one,
  unbroken,
  worst,
} from '../case.ts';
import { roles, worstRoles } from './roles.ts';
import {
  acme,
  asDeveloper,
  asReader,
  copied,
  here,
  worstApp,
  worstCopied,
  worstHere,
} from './shared.ts';

export const invitation: ReceivedInvitationShown = {
  id: 'i1',
  app: { name: 'globex', displayName: 'Globex Warehouse' },
  role: 'Developer',
  roleDescription: 'Everything at the API, and the clients of the app',
  email: 'ada@example.com',
  invitedBy: 'Grace Hopper',
  expiresAt: ahead(13 * day),
};

export const worstInvitation: ReceivedInvitationShown = {
  id: hostile,
  app: { name: worstApp.name, displayName: `${hostile} ${unbroken}` },
  role: unbroken,
  roleDescription: `${arabic} ${unbroken}`,
  email: `${long('a', 64)}@${long('example.', 180)}com`,
  invitedBy: `${hostile} ${unbroken}`,
  expiresAt: ahead(20),
};

const members: AppMembersProps['members'] = [
  { accountId: 'a1', ...ada, role: 'Owner', since: ago(40 * day) },
  {
    accountId: 'a2',
    name: 'Grace Hopper',
    email: 'grace@example.com',
    role: 'Developer',
    since: ago(9 * day),
  },
  { accountId: 'a3', name: arabic, email: 'dev@example.org', role: 'Reader', since: ago(day) },
];

const pending: AppMembersProps['invitations'] = [
  {
    id: 'p1',
    email: 'alan@example.com',
    role: 'Editor',
    invitedBy: 'Ada Lovelace',
    createdAt: ago(day),
    expiresAt: ahead(13 * day),
  },
];

const worstMembers: AppMembersProps['members'] = [
  ...members.map((member) => ({
    ...member,
    name: `${hostile} ${unbroken}`,
    email: worstInvitation.email,
    role: unbroken,
  })),
  { accountId: 'a4', name: '👩‍🚀', email: null, role: 'x', since: now },
  { accountId: 'a5', name: '', email: null, role: arabic, since: now },
];

const created: AppMemberRemovalProps['credentials'] = [
  {
    kind: 'client_secret',
    client: 'default',
    name: null,
    hint: 'x7Qa',
    createdAt: ago(3 * day),
    lastUsedAt: ago(2 * minute),
  },
  {
    kind: 'api_key',
    client: 'default',
    name: 'Billing',
    hint: '9fGh',
    createdAt: ago(40 * day),
    lastUsedAt: null,
  },
];
export const membersCases: Case[] = [
  everyday('app-members', (brand) =>
    appMembers(frame(brand, here), { app: acme, you: 'a1', members, roles, invitations: pending }),
  ),
  everyday('app-members-reader', (brand) =>
    appMembers(frame(brand, here), {
      app: asReader,
      you: 'a3',
      members,
      roles,
      invitations: pending,
    }),
  ),
  everyday('app-member-removal', (brand) =>
    appMemberRemoval(frame(brand, here), {
      app: acme,
      member: { accountId: 'a2', name: 'Grace Hopper', email: 'grace@example.com' },
      self: false,
      credentials: created,
    }),
  ),
  one('app-member-removal-own', (brand) =>
    appMemberRemoval(frame(brand, here), {
      app: asDeveloper,
      member: { accountId: 'a2', name: 'Grace Hopper', email: null },
      self: true,
      credentials: created.slice(0, 1),
    }),
  ),
  one('app-member-removal-extreme', (brand) =>
    appMemberRemoval(frame(worst(brand), worstHere), {
      app: worstApp,
      member: { accountId: 'a2', name: `${hostile} ${unbroken}`, email: null },
      self: false,
      credentials: created.map((credential) => ({
        ...credential,
        client: unbroken,
        name: `${hostile} ${unbroken}`,
        hint: credential.kind === 'api_key' ? hostile : null,
      })),
    }),
  ),
  one('app-members-alone', (brand) =>
    appMembers(frame(brand, here), {
      app: acme,
      you: 'a1',
      members: members.slice(0, 1),
      roles,
      invitations: [],
      invite: { email: 'ada@', role: 'Reader' },
      problems: { email: 'Enter an email address.', role: 'Choose a role.' },
    }),
  ),
  one('app-members-extreme', (brand) =>
    appMembers(frame(worst(brand), worstHere), {
      app: worstApp,
      you: 'a1',
      members: worstMembers,
      roles: worstRoles,
      invitations: [
        { ...worstInvitation, createdAt: now },
        { ...worstInvitation, createdAt: now, invitedBy: null },
      ],
      problem: unbroken,
    }),
  ),
  everyday('app-invited', (brand) =>
    appInvited(frame(brand, copied), {
      app: acme,
      invitation: { email: 'alan@example.com', role: 'Editor', expiresAt: ahead(14 * day) },
      link: 'https://login.acme.example/apps/invitations/writ_inv_7Ks0QmXe4TnBv2Yd9RhLw5Zc',
    }),
  ),
  one('app-invited-extreme', (brand) =>
    appInvited(frame(worst(brand), worstCopied), {
      app: worstApp,
      invitation: worstInvitation,
      link: `https://${unbroken}.example/${unbroken}`,
    }),
  ),
  everyday('app-invitation', (brand) =>
    appInvitation(frame(brand, here), { invitation, wrongAccount: false }),
  ),
  everyday('app-invitation-elsewhere', (brand) =>
    appInvitation(frame(brand, here), {
      invitation: { ...invitation, email: 'augusta@example.com', roleDescription: '' },
      wrongAccount: true,
    }),
  ),
  one('app-invitation-extreme', (brand) =>
    appInvitation(frame(worst(brand), worstHere), {
      invitation: worstInvitation,
      wrongAccount: false,
      problem: unbroken,
    }),
  ),
  one('app-invitation-little', (brand) =>
    appInvitation(frame(brand, here), {
      invitation: {
        ...invitation,
        app: { name: 'x', displayName: '' },
        roleDescription: '',
        invitedBy: null,
      },
      wrongAccount: true,
    }),
  ),
  everyday('app-invitation-gone', (brand) => appInvitationGone(frame(brand, here), {})),
];
