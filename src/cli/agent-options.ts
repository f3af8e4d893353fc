import { type Command, InvalidArgumentError } from 'commander';
import { findAccount } from './account-lookup.ts';
import type { ApiClient, Json } from './api-client.ts';
import { WrongUsage } from './failure.ts';

/** What `--requests-per-hour` and the other limits take to end one. */
const noLimit = 'none';

/** The options that make a client an agent. */
export interface AgentOptions {
  agent?: string;
  agentOwner?: string;
  requestsPerHour?: number | typeof noLimit;
  tokensPerHour?: number | typeof noLimit;
  hours?: Json | typeof noLimit;
}

const perHour = (given: string): number | typeof noLimit => {
  if (given === noLimit) return noLimit;
  if (!/^[1-9]\d{0,6}$/.test(given))
    throw new InvalidArgumentError(`Expected a number such as 100, or ${noLimit}.`);
  return Number(given);
};

const hours = (given: string): Json | typeof noLimit => {
  if (given === noLimit) return noLimit;
  const [, from, to, zone] = /^(\d\d:\d\d)-(\d\d:\d\d) (\S+)$/.exec(given) ?? [];
  if (zone === undefined)
    throw new InvalidArgumentError(`Expected "08:00-18:00 Europe/Berlin", or ${noLimit}.`);
  return { from, to, time_zone: zone };
};

/** Adds the options of an agent. */
export const addAgentOptions = (command: Command): Command =>
  command
    .option('--agent <purpose>', 'it is an agent: a sentence that says what it is for')
    .option('--agent-owner <account>', 'who answers for it: an account ID or an email address')
    .option('--requests-per-hour <number>', 'token requests of the agent in an hour', perHour)
    .option('--tokens-per-hour <number>', 'access tokens of the agent in an hour', perHour)
    .option('--hours <hours>', 'when the agent gets tokens: "08:00-18:00 Europe/Berlin"', hours);

/** Whether any of the options concerns an agent. */
const isGiven = ({ agent, agentOwner, requestsPerHour, tokensPerHour, hours }: AgentOptions) =>
  [agent, agentOwner, requestsPerHour, tokensPerHour, hours].some((value) => value !== undefined);

/**
 * The field `agent` that the options set, whole: what they do not name stays as it is `now`. Undefined without options. Throws
 * WrongUsage for limits of a client that is no agent.
 */
export async function agentField(
  api: ApiClient,
  options: AgentOptions,
  now?: Json | null,
): Promise<Json | undefined> {
  if (!isGiven(options)) return undefined;
  const { agent: purpose, agentOwner: owner, requestsPerHour, tokensPerHour, hours } = options;
  if (purpose === undefined && !now)
    throw new WrongUsage('Say what the agent is for: --agent "Sorts incoming invoices."');
  const changed = {
    ...now,
    ...(purpose !== undefined && { purpose }),
    ...(owner !== undefined && {
      owner: owner.includes('@') ? (await findAccount(api, owner))['id'] : owner,
    }),
    ...(requestsPerHour !== undefined && { requests_per_hour: requestsPerHour }),
    ...(tokensPerHour !== undefined && { tokens_per_hour: tokensPerHour }),
    ...(hours !== undefined && { hours }),
  };
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== noLimit));
}

/** The agent that a client is before a change, if the options concern it. */
export async function agentNow(
  api: ApiClient,
  path: string,
  options: AgentOptions,
): Promise<Json | null> {
  if (!isGiven(options)) return null;
  return ((await api.get(path))['agent'] ?? null) as Json | null;
}
