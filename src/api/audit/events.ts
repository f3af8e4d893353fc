import * as z from 'zod';
import type { Audit } from '../../domain/audit/events.ts';
import { moment, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, paging, withCursor } from '../framework/paging.ts';
import { count, time } from '../framework/schemas.ts';

export interface AuditDependencies {
  audit: Pick<Audit, 'page'>;
}

export const event = z
  .object({
    id: count,
    at: time,
    action: z.string().meta({ description: '`thing.happened`.', examples: ['client.created'] }),
    result: z.enum(['success', 'refused']),
    actor: z.object({
      kind: z.string().meta({ description: '`client`, `account` or `system`.' }),
      id: z.string().nullable(),
      token_id: z.string().nullable().meta({ description: 'The public id of the token shown.' }),
    }),
    target: z.object({ kind: z.string(), id: z.string() }).nullable(),
    ip: z.string().nullable(),
    request_id: z.string().nullable().meta({ description: 'The `X-Request-Id` of the answer.' }),
    details: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({
    id: 'AuditEvent',
    description: 'Who did what, when, from where, and whether they were let.',
  });

const query = z.strictObject({
  action: text(200).optional().meta({ description: 'Only these, such as `client.created`.' }),
  actor: text(200).optional().meta({ description: 'Only what this client or account did.' }),
  target: text(500).optional().meta({ description: 'Only what was done to the thing of this id.' }),
  app: text(100).optional().meta({ description: 'Only what happened in the app of this name.' }),
  since: moment.optional().meta({ description: 'From this time on.' }),
  until: moment.optional().meta({ description: 'Before this time.' }),
  ...paging,
});

/** `/audit-events`: who did what. */
export const auditOperations = ({ audit }: AuditDependencies): Operation[] => [
  operation({
    method: 'get',
    path: '/audit-events',
    tag: 'Audit',
    operationId: 'listAuditEvents',
    summary: 'Who did what, newest first',
    description:
      'What changed something, and what was refused for want of a scope or a right. Filters can be combined.',
    scope: 'audit:read',
    query,
    answer: pageOf(event),
    handle: async ({ query: { app: appName, ...asked } }) =>
      withCursor(await audit.page({ ...asked, appName })),
  }),
];
