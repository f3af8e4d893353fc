/**
 * Runs a read at most once at a time: callers that arrive while it runs share the next run. So strangers who ask for the
 * same public document cost one statement at a time, and each caller still sees what was committed before it asked.
 */
export function sharedRead<Result>(read: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined;
  let next: Promise<Result> | undefined;

  const start = (): Promise<Result> => {
    next = undefined;
    const started = read().finally(() => {
      if (running === started) running = undefined;
    });
    running = started;
    return started;
  };

  return () => {
    if (!running) return start();
    next ??= running.then(start, start);
    return next;
  };
}
