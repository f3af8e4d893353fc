import * as z from 'zod';
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
}

/** `/diagnostics`: the checks of `writ doctor`. */
export const diagnosticOperations = ({ diagnose }: DiagnosticDependencies): Operation[] => [
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
];
