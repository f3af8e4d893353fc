// Random walks over everything that can happen to tokens, beside a model of what introspection then says. The walks are the same
// on every run; WALK_SEED, WALK_RUNS and WALK_ACTS choose others (CONTRIBUTING.md).
import { test } from '@jest/globals';
import fc from 'fast-check';
import { onStack } from '../../support/stacks.ts';
import { type ActName, acts, type Choose } from './acts.ts';
import { checkApi, checkIntrospection, makeWorld } from './world.ts';

const numberOf = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
const seed = numberOf('WALK_SEED', 1);
const runs = numberOf('WALK_RUNS', 6);
const length = numberOf('WALK_ACTS', 60);

/** Milliseconds for all walks, and for finding a shorter one of a walk that fails. */
const limit = 240_000 + runs * 30_000;

/** An act, with the numbers by which it chooses what it is done to. */
const step = fc.record({
  act: fc.oneof(
    ...Object.entries(acts).map(([name, [weight]]) => ({
      weight,
      arbitrary: fc.constant(name as ActName),
    })),
  ),
  choices: fc.tuple(fc.nat(60), fc.nat(60), fc.nat(60), fc.nat(60)),
});

/** Chooses by the numbers in their order. */
const chooser = (numbers: readonly number[]): Choose => {
  let next = 0;
  return (of) => of[(numbers[next++] ?? 0) % of.length];
};

onStack((stack) => {
  test(
    `after every act introspection says what the model says of every token, on both of its paths: ${runs} walks of ${length} acts, WALK_SEED=${seed}`,
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: length, size: 'max' }),
          async (steps) => {
            const world = await makeWorld(stack());
            for (const { act, choices } of steps) {
              const [, run] = acts[act];
              const done = await run(world, chooser(choices));
              if (done === undefined) continue;
              world.trace.push(done);
              await checkIntrospection(world);
            }
            await checkApi(world);
          },
        ),
        { seed, numRuns: runs, interruptAfterTimeLimit: limit, markInterruptAsFailure: true },
      );
    },
    limit + 60_000,
  );
});
