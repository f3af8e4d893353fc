import { openConnection } from './connection.ts';

/** A request as bytes, and what stands in every right answer. */
export interface Asked {
  text: string;
  expects: string;
}

/**
 * Callers on connections that are kept, each of whom asks again as soon as it is answered, for some seconds. Gives how
 * many milliseconds each answer and all of it took, how many answers were wrong, and the first of those in words.
 */
export async function askAgain(
  port: number,
  next: () => Asked,
  { callers, seconds }: { callers: number; seconds: number },
): Promise<{
  latencies: number[];
  elapsed: number;
  errors: number;
  firstError: string | undefined;
}> {
  const connections = await Promise.all(
    Array.from({ length: callers }, () => openConnection(port)),
  );
  const latencies: number[] = [];
  let errors = 0;
  let firstError: string | undefined;
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(
    connections.map(async ({ exchange, close }) => {
      try {
        while (performance.now() < end) {
          const { text, expects } = next();
          const start = performance.now();
          const { status, body } = await exchange(text);
          latencies.push(performance.now() - start);
          if ((status === 200 || status === 201) && body.includes(expects)) continue;
          errors++;
          firstError ??= `${status} ${body.slice(0, 300)}`;
        }
      } catch (error) {
        errors++;
        firstError ??= String(error);
      } finally {
        close();
      }
    }),
  );
  return { latencies, elapsed: performance.now() - began, errors, firstError };
}
