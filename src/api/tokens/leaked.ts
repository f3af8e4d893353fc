import * as z from 'zod';
import { requestLimits } from '../../../config/limits.ts';
import { leakReports } from '../../../config/tokens.ts';
import type { Leaks } from '../../domain/tokens/leaks.ts';
import { text } from '../framework/input.ts';
import { type Operation, openOperation } from '../framework/operation.ts';

export interface LeakedTokenDependencies {
  leaks: Leaks;
}

const limit = requestLimits['leak_reports.network'];

/** `/tokens/leaked`: whoever finds values where they should not be can have them ended. */
export const leakedTokenOperations = ({ leaks }: LeakedTokenDependencies): Operation[] => [
  openOperation({
    tag: 'Tokens',
    method: 'post',
    path: '/tokens/leaked',
    operationId: 'reportLeakedTokens',
    summary: 'Report values that were found in the open',
    description: `In a repository, a log, a chat. Tokens of every kind, API keys and client secrets of this server that are among them end at once, and their owners are told. Nobody needs to say who they are: whoever has a value could use it, and this only ends it.

The answer is the same whether or not anything was ours. A network can send ${limit.points} reports in ${limit.seconds / 60} minutes, unless this installation has another limit.`,
    body: z.strictObject({ tokens: z.array(text(10_000)).min(1).max(leakReports.values) }).meta({
      id: 'LeakReport',
      description: 'What was found, as it was found.',
      examples: [{ tokens: ['writ_tk_FoundInARepository'] }],
    }),
    success: 202,
    errors: ['too_many_requests'],
    limit: ['leak_reports.network'],
    handle: ({ body, ip }) => leaks.report({ values: body.tokens, ip }),
  }),
];
