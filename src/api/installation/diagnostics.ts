import * as z from 'zod';
import { type Operation, operation } from '../framework/operation.ts';

const check = z
  .object({
    name: z.string(),
    status: z.enum(['ok', 'warning', 'failed']),
    message: z.string(),
    remedy: z.string().optional().meta({ description: 'What to do about it.' }),
  })
  .meta({ id: 'Check' });

export interface DiagnosticDependencies {
  /** Looks at the server and at what it depends on. */
  diagnose: () => Promise<z.input<typeof check>[]>;
}

/** `/diagnostics`: what `writ doctor` shows. */
export const diagnosticOperations = ({ diagnose }: DiagnosticDependencies): Operation[] => [
  operation({
    method: 'get',
    path: '/diagnostics',
    tag: 'Diagnostics',
    operationId: 'diagnose',
    summary: 'Whether everything is in order',
    description: 'Checks the server that answers, and what it depends on, at this moment.',
    scope: 'diagnostics:read',
    answer: z.object({ checks: z.array(check) }).meta({ id: 'DiagnosticReport' }),
    handle: async () => ({ checks: await diagnose() }),
  }),
];
