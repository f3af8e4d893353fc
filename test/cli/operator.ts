import { beforeAll, expect } from '@jest/globals';
import { operatorClientId } from '../../config/clients.ts';
import { apiScopes } from '../../config/scopes.ts';
import { run } from '../../src/cli/index.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { issueApiKey } from '../../src/domain/tokens/named/api-keys.ts';
import { writHere } from '../support/command.ts';
import { keepSecret } from '../support/run-records.ts';
import type { Stack } from '../support/stacks.ts';

/** An API key that may do everything, as the one in operator.json may, unless scopes are named. */
export async function operatorKey(
  { database }: Pick<Stack, 'database'>,
  scopes: string[] = Object.keys(apiScopes),
): Promise<string> {
  const { value } = await issueApiKey(database.kysely, {
    clientId: operatorClientId,
    name: 'a test',
    scopes,
  });
  keepSecret('api_key', value);
  return value;
}

/** Commands by somebody who may do everything, in a script that reads JSON or on a terminal. */
export function operatorOf(stack: () => Stack) {
  const environment: Record<string, string> = {};
  beforeAll(async () => {
    environment['WRIT_URL'] = stack().issuer;
    environment['WRIT_TOKEN'] = await operatorKey(stack());
  });

  return {
    environment,
    /** What a command that has to work answers in JSON. */
    async json(...args: string[]) {
      const outcome = await writHere([...args, '--json'], environment);
      expect(outcome).toMatchObject({ code: 0, err: '' });
      return outcome.json;
    },
    /** Without a terminal, as a script would. */
    script: (...args: string[]) => writHere(args, environment),
    onTerminal: (args: string[], terminal: Parameters<typeof writOnTerminal>[2] = {}) =>
      writOnTerminal(args, environment, terminal),
  };
}

export type Operator = ReturnType<typeof operatorOf>;

/** Runs a command on a terminal of 80 columns, with a person who gives this answer to each question. */
export async function writOnTerminal(
  args: string[],
  environment: Record<string, string>,
  { answer, ...seen }: { answer?: string } & Partial<Terminal> = {},
) {
  let [out, err] = ['', ''];
  const questions: string[] = [];
  const code = await run(args, environment, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    columns: 80,
    colours: false,
    ask: async (question) => {
      questions.push(question);
      return answer ?? '';
    },
    ...seen,
  });
  return { code, out, err, questions };
}
