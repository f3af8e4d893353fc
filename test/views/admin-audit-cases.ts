// The page of the audit in the console.
import { type AuditEventShown, type AuditProps, adminAudit } from '../../views/admin/audit.ts';
import { here } from './admin-cases.ts';
import {
  ago,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  hour,
  minute,
  one,
  unbroken,
  worst,
} from './case.ts';

const ada = {
  kind: 'account',
  id: '0198c0de-0000-7000-8000-000000000000',
  name: 'Ada Lovelace',
  href: '/admin/people/x',
};

const rotated: AuditEventShown = {
  id: 7,
  at: ago(3 * minute),
  action: 'client.updated',
  refused: false,
  actor: ada,
  target: { kind: 'client', id: 'acme:website', name: null, href: undefined },
  ip: '192.0.2.7',
  tokenId: 'tok_0000J3XdVhVu5cGRqJvtQmp6I',
  requestId: '5f1c9a4e',
  details: { redirect_uris: { before: ['https://a.example'], after: ['https://b.example'] } },
};

const events: AuditEventShown[] = [
  rotated,
  { ...rotated, id: 6, action: 'client.created', refused: true, at: ago(hour), details: null },
  { ...rotated, id: 5, action: 'account.signed_in', target: ada, at: ago(2 * hour), tokenId: null },
  {
    ...rotated,
    id: 4,
    action: 'key.rotated',
    actor: { kind: 'system', id: null, name: null, href: undefined },
    target: { kind: 'key', id: 'k1', name: null, href: undefined },
    at: ago(day),
    ip: null,
    tokenId: null,
    requestId: null,
  },
];

const props: AuditProps = {
  events,
  actions: ['account.signed_in', 'client.created', 'client.updated'],
  filter: {},
  pages: { next: '/admin/audit?after=x', first: undefined },
  exports: { csv: '/admin/audit/export?format=csv', lines: '/admin/audit/export?format=lines' },
  follow: { href: '/admin/audit?follow=on', isOn: false },
};

export const adminAuditCases: Case[] = [
  everyday('admin-audit', (brand) => adminAudit(frame(brand, here), props)),
  one('admin-audit-nothing', (brand) =>
    adminAudit(frame(brand, here), {
      ...props,
      events: [],
      filter: { action: 'client.created', result: 'refused', from: '2026-11-01' },
      follow: { href: '/admin/audit', isOn: true },
      pages: { next: undefined, first: '/admin/audit' },
    }),
  ),
  one('admin-audit-extreme', (brand) =>
    adminAudit(frame(worst(brand), here), {
      ...props,
      events: [
        {
          ...rotated,
          actor: { ...ada, name: `${hostile} ${unbroken}` },
          target: { kind: 'resource', id: `https://${unbroken}.test`, name: null, href: undefined },
          details: { [unbroken]: hostile },
        },
      ],
      filter: { about: unbroken },
    }),
  ),
];
