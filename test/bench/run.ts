// What `npm run bench` runs: starts stores and servers, each a process of its own, measures them in
// turns, prints what it found, and stops everything. It fails where a server misbehaves, never
// because one is slow: docs/bench.md says how to read it.
import * as path from 'node:path';
import { measureAdmission } from './admission.ts';
import { measureDialects } from './dialects.ts';
import { inDirectory } from './directory.ts';
import { describeFloods, measureFloods } from './floods.ts';
import { measureGuard } from './guard.ts';
import { measureInsight } from './insight.ts';
import { measureLists } from './lists.ts';
import { compareRevisions } from './moved.ts';
import { type Options, readOptions, usage, workloads } from './options.ts';
import { startBare, startStock } from './others.ts';
import { type LoadMaker, startLoadMaker } from './programs.ts';
import {
  describeAdmission,
  describeComparisons,
  describeDialects,
  describeGuard,
  describeInsight,
  describeLists,
  describeMachine,
  describeStarts,
  describeWorkers,
  report,
} from './report.ts';
import { revisionOf, startRevision } from './revision.ts';
import { measure, type Row } from './rounds.ts';
import type { Target } from './scenario.ts';
import { measureStarts } from './starts.ts';
import { type Stores, startStores } from './stores.ts';
import { measureWorkers } from './workers.ts';
import { startEmbeddedWrit, startWrit } from './writ.ts';

/** Progress goes to standard error, so that standard output is the report alone. */
const say = (text: string) => console.error(text);

/** The servers beside which Writ is measured. */
async function startOthers(
  directory: string,
  load: LoadMaker,
  options: Options,
  {
    stores,
    kept,
  }: { stores: Stores; kept: <Part extends { stop(): Promise<unknown> }>(part: Part) => Part },
): Promise<Target[]> {
  if (options.against) {
    const { commit } = revisionOf(options.against.revision);
    const others = kept(await startStores());
    return [
      kept(await startRevision(commit, path.join(directory, 'before'), others, load, options)),
    ];
  }
  return [
    kept(await startBare(stores)),
    kept(await startStock(directory, stores, load, options)),
    kept(await startEmbeddedWrit(path.join(directory, 'embedded'), load, options)),
  ];
}

async function measureWorkloads(directory: string, options: Options): Promise<Row[]> {
  const closers: (() => Promise<unknown>)[] = [];
  const kept = <Part extends { stop(): Promise<unknown> }>(part: Part): Part => {
    closers.push(part.stop);
    return part;
  };
  try {
    say('Starting Postgres and Redis');
    const stores = kept(await startStores());
    const load = kept(startLoadMaker());
    say(`Starting the servers and giving them ${options.tokens} tokens`);
    const writ = kept(await startWrit(path.join(directory, 'writ'), stores, load, options));
    const others = await startOthers(directory, load, options, { stores, kept });
    // Before the embedded one, as in the tables of the docs.
    return await measure(others.toSpliced(2, 0, writ), load, options, say);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage);
    return 0;
  }
  return inDirectory('writ-bench-', async (directory) => {
    console.log(describeMachine());
    const measured = workloads.some((workload) => options.parts.includes(workload));
    const rows = measured ? await measureWorkloads(directory, options) : [];
    if (measured) console.log(report(rows, options));
    if (options.against) {
      const revision = revisionOf(options.against.revision);
      console.log(`\n${describeComparisons(compareRevisions(rows), revision)}`);
      return rows.some(({ errors }) => errors > 0) ? 1 : 0;
    }
    const lists = options.parts.includes('lists')
      ? await measureLists(path.join(directory, 'lists'), options, say)
      : [];
    if (lists.length > 0) console.log(describeLists(lists, options));
    if (options.parts.includes('floods'))
      console.log(
        describeFloods(await measureFloods(path.join(directory, 'floods'), options, say)),
      );
    const dialects = options.parts.includes('dialects')
      ? await measureDialects(path.join(directory, 'dialects'), options, say)
      : [];
    if (dialects.length > 0) console.log(describeDialects(dialects, options));
    if (options.parts.includes('guard'))
      console.log(describeGuard(await measureGuard(path.join(directory, 'guard'), options, say)));
    if (options.parts.includes('insight'))
      console.log(
        describeInsight(await measureInsight(path.join(directory, 'insight'), options, say)),
      );
    if (options.parts.includes('workers'))
      console.log(
        describeWorkers(await measureWorkers(path.join(directory, 'workers'), options, say)),
      );
    const admission = options.parts.includes('admission')
      ? await measureAdmission(path.join(directory, 'admission'), options, say)
      : [];
    if (admission.length > 0) console.log(describeAdmission(admission));
    if (options.parts.includes('start')) {
      say('Starting Writ several times');
      console.log(describeStarts(await measureStarts(directory)));
    }
    return [...rows, ...lists, ...dialects].some(({ errors }) => errors > 0) ? 1 : 0;
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
