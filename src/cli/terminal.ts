/** Where a command writes, and what a person there can see and be asked. */
export interface Terminal {
  out: (text: string) => void;
  err: (text: string) => void;
  /** How wide a line of `out` is; undefined where a program reads it. */
  columns?: number | undefined;
  /** Whether `out` shows colours. */
  colours?: boolean | undefined;
  /** Asks whoever sits there; undefined where nobody does. */
  ask?: ((question: string) => Promise<string>) | undefined;
}

/** The terminal, the pipes or the files that this process was given. */
export function processTerminal(environment: Record<string, string | undefined>): Terminal {
  const { stdin, stdout, stderr } = process;
  // Who reads us may have read enough, as `head` has.
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

/** The answer; nothing where the input ends first. */
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
