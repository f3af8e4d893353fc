import { html } from 'hono/html';
import { type Option, select } from '../components/controls.ts';
import { field, type Problems } from '../components/field.ts';
import type { Html } from '../layout/frame.ts';

/** What makes a client an agent. */
export interface AgentSettingsShown {
  purpose: string;
  /** The account of its owner. */
  owner?: string | undefined;
  /** Limits in an hour; absent if there is none. */
  requests_per_hour?: number | undefined;
  tokens_per_hour?: number | undefined;
  hours?: { from: string; to: string; time_zone: string } | undefined;
}

export const agentFieldNames = [
  'purpose',
  'agent_owner',
  'requests_limit',
  'tokens_limit',
  'hours_from',
  'hours_to',
  'time_zone',
] as const;

export type AgentField = (typeof agentFieldNames)[number];

export type AgentFilled = Partial<Record<AgentField, string | undefined>>;

/** The values of an agent. */
export const agentValues = (agent: AgentSettingsShown | null): AgentFilled =>
  agent
    ? {
        purpose: agent.purpose,
        agent_owner: agent.owner ?? '',
        requests_limit: String(agent.requests_per_hour ?? ''),
        tokens_limit: String(agent.tokens_per_hour ?? ''),
        hours_from: agent.hours?.from ?? '',
        hours_to: agent.hours?.to ?? '',
        time_zone: agent.hours?.time_zone ?? '',
      }
    : {};

type Of = (name: AgentField) => {
  name: string;
  /** Whether it can be left empty: of a form that hides it for other kinds. */
  optional?: boolean;
  value?: string | undefined;
  problem?: string | undefined;
};

/** The field that says what an agent is for. */
export const purposeField = (of: Of): Html =>
  field({
    ...of('purpose'),
    label: 'What is it for?',
    hint: 'One sentence, such as “Sorts incoming invoices.” People read it where the agent acts for them.',
    maxLength: 200,
  });

/** The limits of an agent. */
export const agentLimitFields = (of: Of): Html => {
  const optional = html`<span class="optional">optional</span>`;
  const number = { optional: true, maxLength: 7, attributes: html`inputmode="numeric"` };
  const time = {
    optional: true,
    maxLength: 5,
    attributes: html`placeholder="08:00" inputmode="numeric"`,
  };
  return html`${field({
    ...of('requests_limit'),
    ...number,
    label: html`Token requests per hour ${optional}`,
    hint: 'Refused ones count too. More are answered with 429.',
  })}
  ${field({
    ...of('tokens_limit'),
    ...number,
    label: html`Access tokens per hour ${optional}`,
  })}
  ${field({ ...of('hours_from'), ...time, label: html`Gets tokens from ${optional}` })}
  ${field({ ...of('hours_to'), ...time, label: html`Until ${optional}` })}
  ${field({
    ...of('time_zone'),
    optional: true,
    maxLength: 60,
    label: html`In the time zone ${optional}`,
    hint: 'Such as Europe/Berlin. At other times it gets no new tokens; those that it has stay valid.',
    attributes: html`autocapitalize="none" spellcheck="false"`,
  })}`;
};

/** Who answers for it: a member of the app. */
export const ownerField = (of: Of, members: readonly Option[]): Html =>
  select({
    ...of('agent_owner'),
    label: 'Answers for it',
    options: [...members],
    choose: 'Choose a member',
    hint: 'A member of the app.',
  });

/** Whether any of its limits has a value or a problem. */
export const hasLimits = (
  agent: AgentSettingsShown | null,
  problems: Problems<AgentField> | undefined,
): boolean =>
  [agent?.requests_per_hour, agent?.tokens_per_hour, agent?.hours].some(
    (limit) => limit !== undefined,
  ) || agentFieldNames.slice(2).some((name) => problems?.[name]);
