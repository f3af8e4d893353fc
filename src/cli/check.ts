import type { Command } from 'commander';
import type { Json } from './api-client.ts';
import { Failure } from './failure.ts';
import { table } from './output.ts';
import type { Runner } from './runner.ts';

/** Adds the command `check`: the server compares what it reads elsewhere with its settings. It fails if a finding does. */
export function addCheck(
  group: Command,
  run: Runner,
  {
    description,
    pathOf,
    failure,
  }: { description: string; pathOf: (id: string) => string; failure: (id: string) => string },
): void {
  group
    .command('check <id>')
    .description(description)
    .action(
      run(async ({ api, output }, id: string) => {
        const { findings } = (await api.post(`${pathOf(id)}/check`, {})) as { findings: Json[] };
        table(output, findings, { columns: ['status', 'message'], empty: '' });
        if (findings.some(({ status }) => status === 'failed')) throw new Failure(failure(id));
      }),
    );
}
