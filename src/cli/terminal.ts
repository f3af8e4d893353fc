/** Where a command writes, and what it knows of the person there. */
export interface Terminal {
  out: (text: string) => void;
  err: (text: string) => void;
  /** Columns of `out`; undefined if a program reads it. */
  columns?: number | undefined;
  /** Whether `out` shows colours. */
  colours?: boolean | undefined;
  /** Columns of `err`; undefined if a program reads it. */
  errColumns?: number | undefined;
  /** Asks the person at the terminal; undefined if there is none. */
  ask?: ((question: string, options?: { isSecret?: boolean }) => Promise<string>) | undefined;
  /** Everything that a program writes to the standard input; undefined if a person is there. */
  input?: (() => Promise<string>) | undefined;
}

/** The terminal, pipes or files of this process. */
export function processTerminal(environment: Record<string, string | undefined>): Terminal {
  const { stdin, stdout, stderr } = process;
  // A reader such as `head` closes its pipe when it has read enough.
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    ...(stdout.isTTY && {
      columns: stdout.columns || 80,
      colours: !environment['NO_COLOR'] && stdout.hasColors(16, environment),
    }),
    ...(stderr.isTTY && { errColumns: stderr.columns || 80 }),
    ...(stdin.isTTY && stderr.isTTY && { ask }),
    ...(!stdin.isTTY && { input: readInput }),
  };
}

/** The answer; empty if the input ends first. What a person types as a secret is not shown. */
async function ask(
  question: string,
  { isSecret = false }: { isSecret?: boolean } = {},
): Promise<string> {
  const [{ createInterface }, { Writable }] = await Promise.all([
    import('node:readline'),
    import('node:stream'),
  ]);
  const { stdin: input, stderr } = process;
  if (isSecret) stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input,
    output: isSecret ? nowhere : stderr,
    terminal: true,
  });
  return new Promise((resolve) => {
    lines.once('close', () => resolve(''));
    lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    lines.question(isSecret ? '' : question, (answer) => {
      if (isSecret) stderr.write('\n');
      resolve(answer);
      lines.close();
    });
  });
}

async function readInput(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) text += chunk;
  return text;
}
