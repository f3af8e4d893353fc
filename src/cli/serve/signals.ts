import { isatty } from 'node:tty';

/** The next SIGTERM or SIGINT. */
export const nextStopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    const take = (signal: NodeJS.Signals) => {
      process.off('SIGTERM', take).off('SIGINT', take);
      resolve(signal);
    };
    process.on('SIGTERM', take).on('SIGINT', take);
  });

/**
 * Handles SIGHUP. The system sends it when the terminal of this process is closed: then the promise resolves, and the process
 * has to end. Operators send it to make a server reload: then it calls `work`.
 */
export function onHangup(work: () => void): Promise<'hangup'> {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  return new Promise((resolve) => {
    process.on('SIGHUP', () => {
      const isTerminalClosed = terminals.some((descriptor) => !isatty(descriptor));
      if (isTerminalClosed) resolve('hangup');
      else work();
    });
  });
}
