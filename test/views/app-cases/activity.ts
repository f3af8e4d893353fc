import { appActivity } from '../../../views/apps/activity.ts';
import type { EventShown } from '../../../views/components/event.ts';
import type { UsageShown } from '../../../views/components/usage.ts';
import {
  ago,
  arabic,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  hour,
  long,
  minute,
  one,
  unbroken,
  worst,
} from '../case.ts';
import { acme, asReader, clients, here, worstApp, worstHere } from './shared.ts';

const days = Array.from({ length: 30 }, (_, index) =>
  ago((29 - index) * day)
    .toISOString()
    .slice(0, 10),
);

export const usage: UsageShown = {
  days,
  clients: clients.map(({ clientId, displayName }, place) => ({
    clientId,
    displayName,
    deleted: place === 4,
    accessTokens: days.map((_, index) =>
      place === 3 ? 0 : Math.round(40 + 36 * Math.sin(index / 2 + place) + index * (4 - place)),
    ),
  })),
};

export const noUsage: UsageShown = { days, clients: [] };

export const worstUsage: UsageShown = {
  days,
  clients: Array.from({ length: 40 }, (_, place) => ({
    clientId: `${worstApp.name}:${place}`,
    displayName: unbroken,
    deleted: true,
    accessTokens: days.map((_, index) => (index === 7 ? 98_765_432_101 : index % 2)),
  })),
};

const account = (name: string | null, id = name) => ({ kind: 'account', id, name });

const target = (kind: string, name: string | null) => ({ kind, id: name, name });

const event = (
  seconds: number,
  action: string,
  part: Partial<Omit<EventShown, 'at' | 'action'>> = {},
): EventShown => ({
  action,
  at: ago(seconds),
  result: 'success',
  actor: account('Ada Lovelace'),
  target: null,
  details: null,
  ...part,
});

const website = target('client', 'acme:website');

export const events: EventShown[] = [
  event(3 * minute, 'device.approved', {
    actor: account('Somebody'),
    target: target('client', 'acme:cli'),
  }),
  event(20 * minute, 'client_secret.revoked', {
    target: target('client', 'acme:default'),
    details: { hint: 'x7Qa' },
  }),
  event(2 * hour, 'client_secret.created', { target: target('client', 'acme:default') }),
  event(3 * hour, 'app_member.changed', {
    target: account('Grace Hopper'),
    details: { role: { before: 'Reader', after: 'Developer' } },
  }),
  event(5 * hour, 'client.updated', {
    target: website,
    details: {
      role: { before: 'Reader', after: 'Editor' },
      redirect_uris: { before: [], after: ['https://www.example.com/'] },
    },
  }),
  event(6 * hour, 'api_key.created', {
    target: { kind: 'token', id: 'tok_1', name: null },
    details: { name: 'billing', client_id: 'acme:default' },
  }),
  event(7 * hour, 'api_token.created', {
    actor: { kind: 'client', id: 'acme:default', name: 'acme:default' },
    target: { kind: 'token', id: 'tok_2', name: null },
    details: { name: 'Laptop', client_id: 'acme:default' },
  }),
  event(day, 'client.created', { target: website }),
  event(day + hour, 'token.tried', { target: target('client', 'acme:default') }),
  event(day + 2 * hour, 'app_invitation.created', {
    target: target('app', 'Acme Shop'),
    details: { email: 'grace@example.com', role: 'Reader' },
  }),
  event(2 * day, 'client.disabled', {
    actor: { kind: 'client', id: 'robot', name: 'robot' },
    target: target('client', 'acme:import'),
  }),
  event(2 * day + minute, 'refresh_token.reused', {
    actor: { kind: 'system', name: null },
    target: { kind: 'grant', id: 'g', name: null },
    details: { client_id: 'acme:cli' },
  }),
  event(3 * day, 'client.deleted', {
    actor: account('Grace Hopper'),
    target: target('client', 'acme:old'),
    result: 'refused',
  }),
  event(4 * day, 'app.created', { target: target('app', 'Acme Shop') }),
];

export const worstEvents: EventShown[] = [
  ...events.map((each) => ({
    ...each,
    actor: account(`${hostile} ${unbroken}`),
    target: each.target && { ...each.target, name: arabic },
    details: { role: unbroken, email: `${long('a', 64)}@example.com`, hint: hostile },
  })),
  event(5 * day, unbroken, { actor: account(null), details: { [unbroken]: unbroken } }),
  event(5 * day, 'constructor', { target: { kind: 'account', name: null } }),
  event(5 * day, 'app.updated', {
    details: {
      [hostile]: { before: arabic, after: hostile },
      list: { before: null, after: [unbroken] },
    },
  }),
];
export const activityCases: Case[] = [
  everyday('app-activity', (brand) =>
    appActivity(frame(brand, here), { app: acme, events, next: '17', newest: true, usage }),
  ),
  one('app-activity-older', (brand) =>
    appActivity(frame(brand, here), { app: acme, events, next: null, newest: false, usage }),
  ),
  one('app-activity-empty', (brand) =>
    appActivity(frame(brand, here), {
      app: asReader,
      events: [],
      next: null,
      newest: true,
      usage: noUsage,
    }),
  ),
  one('app-activity-extreme', (brand) =>
    appActivity(frame(worst(brand), worstHere), {
      app: worstApp,
      events: worstEvents,
      next: hostile,
      newest: true,
      usage: worstUsage,
    }),
  ),
];
