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

/** `/tokens/leaked`: anyone who finds leaked values can have them revoked. */
export const leakedTokenOperations = ({ leaks }: LeakedTokenDependencies): Operation[] => [
  openOperation({
    tag: 'Tokens',
    method: 'post',
    path: '/tokens/leaked',
    operationId: 'reportLeakedTokens',
    summary: 'Report leaked values',
    description: `For values found in a repository, a log or a chat. Tokens of every kind, API keys and client secrets of this server among them are revoked immediately, and their owners are notified. No authentication is required: the holder of a value could use it anyway, and a report only revokes it.

The response does not depend on whether the values belong to this server. By default, a network can send ${limit.points} reports in ${limit.seconds / 60} minutes.`,
    body: z
      .strictObject({
        tokens: z
          .array(text(10_000))
          .min(1)
          .max(leakReports.values)
          .meta({ description: 'The values, exactly as they were found.' }),
      })
      .meta({
        id: 'LeakReport',
        description: 'Values that may be credentials of this server.',
        examples: [{ tokens: ['writ_tk_FoundInARepository'] }],
      }),
    success: 202,
    errors: ['too_many_requests'],
    limit: ['leak_reports.network'],
    handle: ({ body, ip }) => leaks.report({ values: body.tokens, ip }),
  }),
];
