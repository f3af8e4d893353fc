import { parseArgs } from 'node:util';

export const soakStacks = ['postgres + redis', 'embedded'] as const;
export type SoakStack = (typeof soakStacks)[number];

export interface SoakOptions {
  stacks: readonly SoakStack[];
  minutes: number;
  /** Whether docs/performance.md is written anew. */
  write: boolean;
}

export const usage = `npm run bench:soak -- [options]

  --minutes N   how long each stack is under load (10)
  --only STACK  ${soakStacks.map((stack) => `"${stack}"`).join(' or ')}
  --write       write the table in docs/performance.md anew
`;

/** Reads the command line. Throws an Error that says what is wrong. */
export function readSoakOptions(argv: string[]): SoakOptions | 'help' {
  const { values } = parseArgs({
    args: argv,
    options: {
      minutes: { type: 'string', default: '10' },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const minutes = Number(values.minutes);
  if (!Number.isInteger(minutes) || minutes < 1)
    throw new Error('--minutes is a whole number of at least 1.');
  const stacks = soakStacks.filter((stack) => (values.only ?? stack) === stack);
  if (stacks.length === 0) throw new Error(`--only is ${soakStacks.join(' or ')}.`);
  return { stacks, minutes, write: values.write };
}
