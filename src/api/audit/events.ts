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
    id: count.meta({ description: 'The number of the event.' }),
    at: time.meta({ description: 'When it happened.' }),
    action: z.string().meta({
      description: 'The noun and the action, such as `client.created`.',
      examples: ['client.created'],
    }),
    result: z.enum(['success', 'refused']).meta({ description: 'Whether it was done or refused.' }),
    actor: z.object({
      kind: z.string().meta({ description: '`client`, `account` or `system`.' }),
      id: z.string().nullable().meta({ description: 'The id of the client or account.' }),
      token_id: z
        .string()
        .nullable()
        .meta({ description: 'The public id of the token that the actor used.' }),
    }),
    target: z
      .object({ kind: z.string(), id: z.string() })
      .nullable()
      .meta({ description: 'The thing that it was done to.' }),
    ip: z.string().nullable().meta({ description: 'The IP address of the actor.' }),
    request_id: z.string().nullable().meta({ description: 'The `X-Request-Id` of the response.' }),
    details: z.record(z.string(), z.unknown()).nullable().meta({
      description: 'More about the event, by action: for a change, the old and new values.',
    }),
  })
  .meta({
    id: 'AuditEvent',
    description: 'Who did what, when and from where, and whether it was allowed.',
  });

const query = z.strictObject({
  action: text(200).optional().meta({ description: 'Only this action, such as `client.created`.' }),
  actor: text(200).optional().meta({ description: 'Only events of this client or account.' }),
  target: text(500).optional().meta({ description: 'Only events whose target has this id.' }),
  about: text(500)
    .optional()
    .meta({ description: 'Only events whose actor or target has this id.' }),
  result: z
    .enum(['success', 'refused'])
    .optional()
    .meta({ description: 'Only what was done, or what was refused.' }),
  app: text(100).optional().meta({ description: 'Only events in the app with this name.' }),
  since: moment.optional().meta({ description: 'Only events at or after this time.' }),
  until: moment.optional().meta({ description: 'Only events before this time.' }),
  ...paging,
});

/** `/audit-events`: the audit log. */
export const auditOperations = ({ audit }: AuditDependencies): Operation[] => [
  operation({
    method: 'get',
    path: '/audit-events',
    tag: 'Audit',
    operationId: 'listAuditEvents',
    summary: 'List audit events',
    description:
      'Newest first: changes, and requests that were refused because of a missing scope or permission. Filters can be combined.',
    scope: 'audit:read',
    query,
    response: pageOf(event),
    handle: async ({ query: { app: appName, ...asked } }) =>
      withCursor(await audit.page({ ...asked, appName })),
  }),
];
