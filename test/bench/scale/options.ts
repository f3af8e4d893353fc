import { parseArgs } from 'node:util';

export interface ScaleOptions {
  /** Tokens that introspection chooses from. */
  live: number;
  /** Tokens that have expired, on the partitions of past weeks. */
  expired: number;
  /** Tokens of the client that loses all of them. */
  ofClient: number;
  rounds: number;
  /** How long a round is. */
  seconds: number;
  connections: number;
  /** How long the mixed load lasts at the end; 0 for none. */
  soak: number;
  /** Whether docs/performance.md is written anew. */
  write: boolean;
}

export const usage = `npm run bench:scale -- [options]

  --live N          tokens that introspection chooses from (5000000)
  --expired N       expired tokens, of past weeks (5000000)
  --of-client N     tokens of the client that loses all of them (100000)
  --rounds N        rounds of every workload (3)
  --seconds N       how long a round is (5)
  --connections N   keep-alive connections (64)
  --soak N          seconds of mixed load at the end (600)
  --write           write docs/performance.md anew

It needs Postgres, Redis, 8 GB of disk and, with the defaults, half an hour.
`;

/** Reads the command line. Throws an Error that says what is wrong. */
export function readScaleOptions(argv: string[]): ScaleOptions | 'help' {
  const { values } = parseArgs({
    args: argv,
    options: {
      live: { type: 'string', default: '5000000' },
      expired: { type: 'string', default: '5000000' },
      'of-client': { type: 'string', default: '100000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '64' },
      soak: { type: 'string', default: '600' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const whole = (name: string, value: string, least = 1): number => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < least)
      throw new Error(`--${name} is a whole number of at least ${least}.`);
    return number;
  };
  return {
    live: whole('live', values.live),
    expired: whole('expired', values.expired, 0),
    ofClient: whole('of-client', values['of-client']),
    rounds: whole('rounds', values.rounds),
    seconds: whole('seconds', values.seconds),
    connections: whole('connections', values.connections),
    soak: whole('soak', values.soak, 0),
    write: values.write,
  };
}
