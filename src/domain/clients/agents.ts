/**
 * AGENTS: clients that act for people. What each is for, who answers for it, and its limits, which the token endpoint
 * enforces.
 */
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { isOneLine, looksLikeAccountId } from '../database/text-checks.ts';
import { LimitReached, type Limits } from '../limits/rate-limits.ts';

/** What makes a client an agent: the member `agent` of its metadata. */
export interface Agent {
  /** A sentence that says what it is for. */
  purpose: string;
  /** The account of the person who answers for it; for an agent of an app, a member. */
  owner?: string;
  /** Limits at the token endpoint, in any hour. */
  requests_per_hour?: number;
  tokens_per_hour?: number;
  /** The hours in which it gets tokens. */
  hours?: AgentHours;
}

/** A part of each day, from a time to another one in a time zone; over midnight if `from` is later than `to`. */
export interface AgentHours {
  /** `HH:MM`, as is `to`. */
  from: string;
  to: string;
  /** A name of the IANA time zone database. */
  time_zone: string;
}

export const agentLimits = { purpose: 200, perHour: 1_000_000 } as const;

/** The agent that a client is; undefined for other clients. */
export const agentOf = ({ agent }: Record<string, unknown>): Agent | undefined =>
  agent as Agent | undefined;

/** Throws `invalid_request` unless the member `agent` of metadata is well-formed. */
export function requireAgent({ agent }: Record<string, unknown>): void {
  if (agent === undefined) return;
  if (typeof agent !== 'object' || agent === null || Array.isArray(agent))
    throw refused('agent', 'must be an object with a purpose.');
  const { purpose, owner, requests_per_hour, tokens_per_hour, hours, ...rest } = agent as Record<
    string,
    unknown
  >;
  const [other] = Object.keys(rest);
  if (other !== undefined) throw refused('agent', 'has a member that agents do not have.');
  if (
    typeof purpose !== 'string' ||
    purpose.trim() === '' ||
    purpose.length > agentLimits.purpose ||
    !isOneLine(purpose)
  )
    throw refused(
      'agent.purpose',
      `must be a sentence of at most ${agentLimits.purpose} characters that says what the agent is for.`,
    );
  if (owner !== undefined && !(typeof owner === 'string' && looksLikeAccountId(owner)))
    throw refused('agent.owner', 'must be the ID of an account.');
  requirePerHour('agent.requests_per_hour', requests_per_hour);
  requirePerHour('agent.tokens_per_hour', tokens_per_hour);
  if (hours !== undefined) requireHours(hours);
}

function requirePerHour(parameter: string, value: unknown): void {
  if (
    value !== undefined &&
    !(Number.isInteger(value) && Number(value) >= 1 && Number(value) <= agentLimits.perHour)
  )
    throw refused(
      parameter,
      `must be a whole number from 1 to ${agentLimits.perHour}; leave it out for no limit.`,
    );
}

const timeOfDay = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

function requireHours(hours: unknown): void {
  const { from, to, time_zone: zone, ...rest } = (hours ?? {}) as Record<string, unknown>;
  if (
    typeof from !== 'string' ||
    typeof to !== 'string' ||
    !timeOfDay.test(from) ||
    !timeOfDay.test(to) ||
    from === to ||
    Object.keys(rest).length > 0
  )
    throw refused('agent.hours', 'must have two different times, such as 08:00 and 18:30.');
  if (typeof zone !== 'string' || !isTimeZone(zone))
    throw refused('agent.hours', 'must have a time_zone, such as Europe/Berlin.');
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

const refused = (parameter: string, message: string) =>
  parameterError('invalid_request', parameter, message);

/** Whether it is one of the hours. */
export function isWithin({ from, to, time_zone: timeZone }: AgentHours, now: Date): boolean {
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(now);
  return from < to ? time >= from && time < to : time >= from || time < to;
}

const hour = 3_600;

const agentCounts = (limits: Pick<Limits, 'limit'>) => ({
  requests: limits.limit('agent.requests', { seconds: hour }),
  tokens: limits.limit('agent.tokens', { seconds: hour }),
});

/**
 * What an agent, by the internal ID of its client, has used in the hour that counts now: of each limit that it has. An hour
 * begins with the first request in it.
 */
export type AgentUse = (client: string) => Promise<{ requests: number; tokens: number }>;

export const createAgentUse = (limits: Pick<Limits, 'limit'>): AgentUse => {
  const { requests, tokens } = agentCounts(limits);
  return async (client) => ({
    requests: await requests.count(client),
    tokens: await tokens.count(client),
  });
};

/** Enforces the limits of agents at the token endpoint. Counts are shared by all processes. */
export function createAgentAdmission({
  limits,
  now = () => new Date(),
}: {
  limits: Pick<Limits, 'limit'>;
  now?: () => Date;
}) {
  const { requests, tokens } = agentCounts(limits);

  return {
    /**
     * Admits a token request of an agent, which gets one access token. Returns how to give the token back if it gets
     * none. Throws LimitReached, and `access_denied` outside of its hours.
     */
    async admit(client: string, agent: Agent): Promise<() => Promise<void>> {
      const { requests_per_hour: requestsLimit, tokens_per_hour: tokensLimit, hours } = agent;
      if (requestsLimit !== undefined) {
        const { count, seconds } = await requests.take(client);
        if (count > requestsLimit)
          throw new LimitReached(seconds, {
            name: 'agent.requests',
            points: requestsLimit,
            seconds: hour,
          });
      }
      if (hours && !isWithin(hours, now()))
        throw new OAuthError(
          'access_denied',
          `The agent gets tokens only from ${hours.from} to ${hours.to} (${hours.time_zone}).`,
        );
      if (tokensLimit === undefined) return async () => {};
      const { count, seconds } = await tokens.take(client);
      if (count > tokensLimit) {
        await tokens.giveBack(client);
        throw new LimitReached(seconds, {
          name: 'agent.tokens',
          points: tokensLimit,
          seconds: hour,
        });
      }
      return () => tokens.giveBack(client);
    },
  };
}

export type AgentAdmission = ReturnType<typeof createAgentAdmission>;
