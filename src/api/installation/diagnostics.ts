import * as z from 'zod';
import type { Figures } from '../../domain/installation/figures.ts';
import { clientRefusal } from '../clients/client-refusals.ts';
import { type Operation, operation } from '../framework/operation.ts';

const check = z
  .object({
    name: z.string().meta({ description: 'The name of the check.' }),
    status: z.enum(['ok', 'warning', 'failed']).meta({ description: 'The result.' }),
    message: z.string().meta({ description: 'The finding, in a sentence.' }),
    remedy: z.string().optional().meta({ description: 'How to fix the problem.' }),
  })
  .meta({ id: 'Check' });

export interface DiagnosticDependencies {
  /** Checks the server and its dependencies. */
  diagnose: () => Promise<z.input<typeof check>[]>;
  figures: Pick<Figures, 'read'>;
}

const total = z.number().int();

const counts = (description: string) =>
  z
    .object({
      last_hour: total.meta({
        description: 'In the last 60 minutes, estimated from steps of ten.',
      }),
      last_day: total.meta({ description: 'In the last 24 hours.' }),
      last_month: total.meta({ description: 'In the last 30 days.' }),
      by_hour: z.array(total).meta({ description: 'In each of the last 24 hours, oldest first.' }),
    })
    .meta({ description });

const figuresReport = z
  .object({
    tokens: counts('Tokens that were issued.'),
    introspections: counts('Tokens that were introspected.'),
    sign_ins: counts('People who signed in.'),
    refusals: counts('Requests that were refused.'),
    refused_clients: z
      .array(
        z.object({
          client_id: z.string(),
          count: total,
          last: z
            .array(clientRefusal)
            .meta({ description: 'The last of each error code, the latest first.' }),
        }),
      )
      .meta({ description: 'The clients that were refused most in the last hour.' }),
    limits_reached: z
      .array(z.object({ name: z.string(), count: total }))
      .meta({ description: 'The rate limits that refused calls in the last day.' }),
  })
  .meta({ id: 'Figures' });

/** `/diagnostics`: the checks of `writ doctor`, and what all processes counted. */
export const diagnosticOperations = ({
  diagnose,
  figures,
}: DiagnosticDependencies): Operation[] => [
  operation({
    method: 'get',
    path: '/diagnostics',
    tag: 'Diagnostics',
    operationId: 'diagnose',
    summary: 'Run the diagnostics',
    description: 'Checks the server that responds, and its dependencies, at this moment.',
    scope: 'diagnostics:read',
    response: z.object({ checks: z.array(check) }).meta({ id: 'DiagnosticReport' }),
    handle: async () => ({ checks: await diagnose() }),
  }),
  operation({
    method: 'get',
    path: '/diagnostics/figures',
    tag: 'Diagnostics',
    operationId: 'readFigures',
    summary: 'Read figures',
    description:
      'What all processes counted, in steps of ten minutes. Each process writes its counts once a minute; a crash loses up to a minute.',
    scope: 'diagnostics:read',
    response: figuresReport,
    handle: () => figures.read(),
  }),
];
