import { parseArgs } from 'node:util';

/** What is measured of servers side by side. */
export const workloads = [
  'client_credentials',
  'client_credentials, JWT',
  'jwt-bearer',
  'introspection',
  'introspection of JWTs',
  'introspection of personal access tokens',
  'introspection of API tokens',
  'revocation',
  'refresh',
  'device poll',
  'token exchange',
] as const;
export type Workload = (typeof workloads)[number];

/** And what is measured alone: lists and searches of many tokens, what floods cost others, what a token costs by a dialect, what the guard costs an API, what metrics and traces cost, what several processes at one port cost, what an overloaded server does, and how long a start takes. */
const parts = [
  ...workloads,
  'lists',
  'floods',
  'dialects',
  'guard',
  'insight',
  'workers',
  'admission',
  'start',
] as const;
export type Part = (typeof parts)[number];

export interface Options {
  rounds: number;
  seconds: number;
  /** Tokens that introspection chooses from. */
  tokens: number;
  connections: number;
  /** API tokens of the backend whose lists are read. */
  listed: number;
  parts: readonly Part[];
  /** Compares with another revision of Writ, in place of other servers. */
  against: { revision: string | undefined } | undefined;
}

export const usage = `npm run bench -- [options]

  --rounds N        rounds of every workload on every server (5)
  --seconds N       how long a round is (4)
  --tokens N        live tokens of Writ that introspection chooses from (20000); those of stock and of
                    an embedded Writ are fewer where it is more than they take in a minute
  --connections N   keep-alive connections (64)
  --listed N        API tokens that lists and searches are about (1000000)
  --against REV     compares with another revision of Writ, by any name that Git knows, in alternation, and
                    says which figures moved by more than the rounds differ; "day" is the last commit that
                    is a day old. It fails nothing. 7 rounds or more tell small changes from noise.
  --only PART       may come several times: ${parts.join(',\n                    ')}
`;

/** Reads the command line. Throws an Error that says what is wrong. */
export function readOptions(argv: string[]): Options | 'help' {
  const { values } = parseArgs({
    args: argv,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      tokens: { type: 'string', default: '20000' },
      connections: { type: 'string', default: '64' },
      listed: { type: 'string', default: '1000000' },
      against: { type: 'string' },
      only: { type: 'string', multiple: true },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const only = values.only ?? [];
  const unknown = only.find((part) => !parts.includes(part as Part));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there are ${parts.join(', ')}.`);
  return {
    rounds: whole('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    tokens: whole('tokens', values.tokens),
    connections: whole('connections', values.connections),
    listed: whole('listed', values.listed),
    against:
      values.against === undefined
        ? undefined
        : { revision: values.against === 'day' ? undefined : values.against },
    parts: parts.filter((part) => only.length === 0 || only.includes(part)),
  };
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new Error(`--${name} is a number above 0.`);
  return number;
}

function whole(name: string, value: string): number {
  const number = positive(name, value);
  if (!Number.isInteger(number)) throw new Error(`--${name} is a whole number.`);
  return number;
}
