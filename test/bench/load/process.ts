// The process that makes the load: takes one order at a time from the bench and answers with what
// came of it. On its own, so that neither the bench nor a server waits for it.
import { writeFileSync } from 'node:fs';
import { openConnection } from './connection.ts';
import { percentiles } from './latencies.ts';
import type { Order, Outcome } from './order.ts';
import { createRequests, member } from './requests.ts';

process.on('message', async (order: Order) => {
  process.send?.(await run(order));
});

async function run(order: Order): Promise<Outcome> {
  const { expects, status: right = 200, until, keep, keepMember = 'access_token' } = order;
  const requests = createRequests(order);
  const connections = await Promise.all(
    Array.from({ length: order.connections }, () => openConnection(order.port)),
  );
  const latencies: number[] = [];
  const kept: string[] = [];
  let errors = 0;
  let firstError: string | undefined;
  let asked = 0;
  const began = performance.now();
  const goesOn = () =>
    'seconds' in until ? performance.now() < began + until.seconds * 1000 : asked++ < until.answers;

  await Promise.all(
    connections.map(async ({ exchange, close }, index) => {
      try {
        while (goesOn()) {
          const request = requests.of(index);
          if (request === undefined) break;
          const start = performance.now();
          const { status, body } = await exchange(request);
          latencies.push(performance.now() - start);
          if (status !== right || !body.includes(expects)) {
            errors++;
            firstError ??= `${status} ${body.slice(0, 300)}`;
            continue;
          }
          requests.answered(index, body);
          if (keep) kept.push(member(body, keepMember));
        }
      } catch (error) {
        errors++;
        firstError ??= String(error);
      } finally {
        close();
      }
    }),
  );

  const elapsed = performance.now() - began;
  if (keep) writeFileSync(keep, kept.join('\n'));
  return {
    answers: latencies.length,
    elapsed,
    ...percentiles(latencies),
    errors,
    ...(firstError !== undefined && { firstError }),
  };
}
