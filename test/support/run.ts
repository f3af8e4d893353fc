// The program of `npm test`: starts the services that tests share, runs Jest on them with the given arguments,
// stops them, warns about what this machine could not test, lists the slowest files, and counts. `--all-stacks`
// runs every file on all stacks (see stacks.ts).
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, tmpdir } from 'node:os';
import * as path from 'node:path';
import { findCompose } from './compose.ts';
import { testLogSecrecy } from './log-secrecy.ts';
import {
  compiledClientsAreThere,
  examplePackagesAreThere,
  goIsThere,
  publishedClientsAreThere,
  pythonClientsAreThere,
  pythonGuardPackagesAreThere,
} from './published-clients.ts';
import { findChromium, findPostgres, findRedis, startPostgres, startRedis } from './services.ts';
import { describeSlowest, type FileTimes } from './slowest.ts';
import { systemKeyringIsThere } from './system-keyring.ts';
import { compileCache, pgliteTemplate, postgresTemplate } from './template-cache.ts';

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: FileTimes[];
}

const allStacks = '--all-stacks';
const jestArguments = process.argv.slice(2).filter((argument) => argument !== allStacks);

const chromium = findChromium();
const absent = [
  !findPostgres() && {
    name: 'Postgres 15 or newer',
    leftOut: 'everything that runs on a real database server: parallel requests, crashes, failover',
    install: 'apt-get install postgresql, or point POSTGRES_BIN at the directory of its binaries',
  },
  !findRedis() && {
    name: 'Redis 7 or newer',
    leftOut: 'everything that runs on Redis and on a Redis Cluster',
    install: 'apt-get install redis-server, or point REDIS_SERVER at it',
  },
  !chromium && {
    name: 'Chromium',
    leftOut: 'the pages, as a real browser shows them',
    install: 'apt-get install chromium, or point CHROMIUM at it',
  },
  !findCompose() && {
    name: 'Docker Compose',
    leftOut: 'what Docker Compose makes of docker-compose.yml',
    install: 'apt-get install docker-compose, or point DOCKER_COMPOSE at it',
  },
  !systemKeyringIsThere() && {
    name: 'GNOME Keyring',
    leftOut: 'logins of the command line that the keyring of the system guards',
    install: 'apt-get install dbus gnome-keyring',
  },
  !publishedClientsAreThere() && {
    name: 'Published clients of other products',
    leftOut: 'dialects, with the clients that the products publish',
    install: 'npm ci --prefix test/clients --ignore-scripts',
  },
  !examplePackagesAreThere() && {
    name: 'Packages of the examples',
    leftOut: 'examples/express-api, koa-api and mcp-server',
    install: 'npm ci --prefix test/clients --ignore-scripts',
  },
  !pythonGuardPackagesAreThere() && {
    name: 'Packages of the guard in Python',
    leftOut: 'sdk/python, and examples/fastapi-api',
    install: 'the commands for Python in test/clients/README.md',
  },
  !goIsThere() && {
    name: 'Go',
    leftOut: 'sdk/go, and examples/go-api',
    install: 'apt-get install golang-go (1.24 or newer), then test/clients/build',
  },
  !compiledClientsAreThere() && {
    name: 'Relying parties in Go and Java',
    leftOut: 'logins with go-oidc, Nimbus and Spring Security',
    install: 'apt-get install golang-go default-jdk-headless maven, then test/clients/build',
  },
  !pythonClientsAreThere() && {
    name: 'Published clients that are written in Python',
    leftOut: 'Datasette, Speckle, and logins with Authlib and requests-oauthlib',
    install:
      'python3 -m venv test/clients/.venv && test/clients/.venv/bin/pip install --require-hashes -r test/clients/requirements.txt',
  },
].filter((service) => service !== false);

/** A prominent warning, because a green run proves less with it. */
function warnAboutMissingServices(): void {
  if (absent.length === 0) return;
  const lines = absent.flatMap(({ name, leftOut, install }) => [
    '',
    `${name}: not found.`,
    `  Not tested: ${leftOut}.`,
    `  To test it: ${install}.`,
  ]);
  lines.unshift('NOT EVERYTHING IS TESTED ON THIS MACHINE');
  const width = Math.max(...lines.map((line) => line.length));
  const boxed = lines.map((line) => `║ ${line.padEnd(width)} ║`);
  const edge = '═'.repeat(width + 2);
  console.error(['', `╔${edge}╗`, ...boxed, `╚${edge}╝`, ''].join('\n'));
}

/** Runs Jest; resolves with its exit code, or 128 plus the number of the signal that ended it. */
function runJest(env: NodeJS.ProcessEnv, resultsFile: string): Promise<number> {
  const require = createRequire(import.meta.url);
  const jest = path.join(path.dirname(require.resolve('jest/package.json')), 'bin', 'jest.js');
  // With room for young objects, a collection is rare and finds them dead.
  const flags = ['--max-semi-space-size=64'];
  const child = spawn(
    process.execPath,
    [jest, '--json', `--outputFile=${resultsFile}`, ...jestArguments],
    {
      env: {
        ...process.env,
        ...env,
        NODE_COMPILE_CACHE: compileCache,
        NODE_OPTIONS: [process.env['NODE_OPTIONS'], ...flags].filter(Boolean).join(' '),
      },
      stdio: 'inherit',
    },
  );
  const interrupt = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']),
    );
  });
}

/** Counts of Jest; undefined if it was interrupted or only listed tests. */
function readResults(resultsFile: string): Results | undefined {
  if (!existsSync(resultsFile)) return undefined;
  const results: Results | unknown[] = JSON.parse(readFileSync(resultsFile, 'utf8'));
  return Array.isArray(results) ? undefined : results;
}

/** Prints the machine-readable summary, including the test that runs after Jest. */
function printCounts(results: Results, last: 'passed' | 'failed' | undefined): void {
  // A file that could not be loaded has no tests, but is a failure.
  const failed =
    results.numFailedTests + results.numRuntimeErrorTestSuites + Number(last === 'failed');
  const passed = results.numPassedTests + Number(last === 'passed');
  const skipped = results.numPendingTests + results.numTodoTests;
  const tail = skipped > 0 ? `, ${skipped} skipped` : '';
  console.log(`${passed} passed, ${failed} failed${tail}`);
}

async function main(): Promise<number> {
  warnAboutMissingServices();
  if (absent.length > 0 && process.env['REQUIRE_SERVICES'] === '1') {
    console.error('REQUIRE_SERVICES=1: nothing was run.');
    return 1;
  }
  const [pglite, postgres, redis] = await Promise.all([
    pgliteTemplate(),
    findPostgres() ? postgresTemplate().then((data) => startPostgres({ data })) : undefined,
    findRedis() ? startRedis() : undefined,
  ]);
  const directory = mkdtempSync(path.join(tmpdir(), 'writ-test-results-'));
  const resultsFile = path.join(directory, 'results.json');
  try {
    const code = await runJest(
      {
        TEST_PGLITE_TEMPLATE: pglite,
        TEST_POSTGRES_URL: postgres?.url,
        TEST_REDIS_URL: redis?.url,
        TEST_CHROMIUM: chromium,
        TEST_RUN_DIRECTORY: directory,
        TEST_ALL_STACKS: process.argv.includes(allStacks) ? '1' : undefined,
      },
      resultsFile,
    );
    const results = readResults(resultsFile);
    if (!results) return code;
    const everything = jestArguments.length === 0;
    const last = await testLogSecrecy(directory, { everything, say: console.log });
    if (results.testResults.length > 1)
      console.log(describeSlowest(results.testResults, { count: 10, root: process.cwd() }));
    warnAboutMissingServices();
    printCounts(results, last);
    return code || Number(last === 'failed');
  } finally {
    rmSync(directory, { recursive: true });
    await Promise.all([postgres?.stop(), redis?.stop()]);
  }
}

process.exitCode = await main();
