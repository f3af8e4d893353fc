import { type AppAgentProps, appAgent } from '../../../views/apps/agent.ts';
import { appClient } from '../../../views/apps/client.ts';
import {
  ada,
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
} from '../case.ts';
import { settings } from './client.ts';
import { roles, worstRoles } from './roles.ts';
import {
  acme,
  asDeveloper,
  asReader,
  client,
  here,
  told,
  worstApp,
  worstClient,
  worstHere,
} from './shared.ts';

const sorter = {
  ...client('sorter', { displayName: 'Invoice sorter', kind: 'agent', role: 'Importer' }),
  tokenExchange: true,
  agent: {
    purpose: 'Sorts incoming invoices, and asks a person about those that it does not understand.',
    owner: 'a1',
    requests_per_hour: 1_000,
    tokens_per_hour: 100,
    hours: { from: '08:00', to: '18:30', time_zone: 'Europe/Berlin' },
  },
};

const person = (accountId: string, name: string | null, ended = false) => ({
  accountId,
  name,
  since: ago(9 * day),
  lastUsedAt: ended ? null : ago(3 * minute),
  endedAt: ended ? ago(hour) : null,
});

const props: AppAgentProps = {
  app: acme,
  client: sorter,
  mayManage: true,
  role: roles.at(-1),
  state: {
    people: 1_204,
    owner: ada.name,
    use: { requests: 412, tokens: 97 },
    isWithinHours: false,
  },
  people: [
    person('0198c0de-0000-7000-8000-000000000001', 'Grace Hopper'),
    person('0198c0de-0000-7000-8000-000000000002', null),
    person('0198c0de-0000-7000-8000-000000000003', null, true),
  ],
  nextPeople: '0198c0de-0000-7000-8000-000000000003',
  events: [
    {
      action: 'delegation.started',
      at: ago(3 * hour),
      result: 'success',
      actor: { kind: 'client', id: 'acme:sorter', name: 'acme:sorter' },
      target: { kind: 'client', id: 'acme:sorter', name: 'acme:sorter' },
      details: {},
    },
    {
      action: 'client.created',
      at: ago(9 * day),
      result: 'success',
      actor: { kind: 'account', id: 'a1', name: ada.name },
      target: { kind: 'client', id: 'acme:sorter', name: 'acme:sorter' },
      details: {},
    },
  ],
  next: '17',
};

const nobody = { people: 0, owner: null, use: { requests: 0, tokens: 0 }, isWithinHours: true };

export const agentCases: Case[] = [
  everyday('app-agent', (brand) => appAgent(frame(brand, here), props)),
  everyday('app-agent-stopped', (brand) =>
    appAgent(frame(brand, told('The agent is stopped. All of its tokens are revoked.')), {
      ...props,
      client: { ...sorter, disabledAt: ago(minute), disabledBy: 'member' },
      people: [],
      nextPeople: null,
      state: nobody,
    }),
  ),
  one('app-agent-of-person', (brand) =>
    appAgent(frame(brand, here), {
      ...props,
      person: { accountId: '0198c0de-0000-7000-8000-000000000002', name: null },
    }),
  ),
  one('app-agent-reader', (brand) =>
    appAgent(frame(brand, here), { ...props, app: asReader, mayManage: false, people: undefined }),
  ),
  one('app-agent-new', (brand) =>
    appAgent(frame(brand, here), {
      ...props,
      app: asDeveloper,
      client: { ...sorter, tokenExchange: false, agent: { purpose: 'Counts.' } },
      state: nobody,
      people: undefined,
      events: [],
      next: null,
    }),
  ),
  one('app-agent-extreme', (brand) =>
    appAgent(frame(worst(brand), worstHere), {
      ...props,
      app: worstApp,
      client: {
        ...sorter,
        ...worstClient,
        kind: 'agent',
        disabledAt: null,
        agent: { ...sorter.agent, purpose: `${hostile} ${unbroken}` },
      },
      role: worstRoles[0],
      state: { ...props.state, owner: `${hostile} ${unbroken}` },
      people: [person('0198c0de-0000-7000-8000-000000000001', `${hostile} ${unbroken}`)],
      problem: `${hostile} ${unbroken}`,
    }),
  ),
  everyday('app-client-agent', (brand) =>
    appClient(frame(brand, here), {
      ...settings,
      client: { ...settings.client, ...sorter, accessTokenTtl: null },
      members: [{ accountId: 'a1', name: ada.name }],
      problems: { hours_from: 'Must have two different times, such as 08:00 and 18:30.' },
    }),
  ),
];
