/** Where a command writes, and what it knows of the person there. */
export interface Terminal {
  out: (text: string) => void;
  err: (text: string) => void;
  /** Columns of `out`; undefined if a program reads it. */
  columns?: number | undefined;
  /** Whether `out` shows colours. */
  colours?: boolean | undefined;
  /** Asks the person at the terminal; undefined if there is none. */
  ask?: ((question: string) => Promise<string>) | undefined;
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
    ...(stdin.isTTY && stderr.isTTY && { ask }),
  };
}

/** The answer; empty if the input ends first. */
async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    lines.once('close', () => resolve(''));
    lines.question(question, (answer) => {
      resolve(answer);
      lines.close();
    });
  });
}
