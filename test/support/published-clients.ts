// The clients that other products publish, and what the examples are written with: packages of test/clients, which has lock
// files of its own, one for npm and one for pip.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';

const directory = path.resolve(import.meta.dirname, '../clients');

/**
 * Whether `npm ci --prefix test/clients` was run on this machine. Otherwise tests that need a published client are
 * skipped: `(publishedClientsAreThere() ? describe : describe.skip)(…)`; run.ts warns about that.
 */
export const publishedClientsAreThere = (): boolean =>
  existsSync(path.join(directory, 'node_modules'));

const python = path.join(directory, '.venv');

/**
 * Whether the Python clients are installed (`test/clients/README.md`). Otherwise tests that need them are skipped;
 * run.ts warns about that.
 */
export const pythonClientsAreThere = (): boolean => existsSync(path.join(python, 'pyvenv.cfg'));

/** Whether the packages of the examples are there, for Node. */
export const examplePackagesAreThere = (): boolean =>
  existsSync(path.join(directory, 'node_modules/express'));

/** Whether the packages of examples/mcp-server are there, and the conformance tests of MCP. */
export const mcpPackagesAreThere = (): boolean =>
  existsSync(path.join(directory, 'node_modules/@modelcontextprotocol/conformance'));

/** The command of the conformance tests of MCP. */
export const conformanceOfMcp = path.join(
  directory,
  'node_modules/@modelcontextprotocol/conformance/dist/index.js',
);

/** Whether the packages are there that sdk/python and examples/fastapi-api are tested with. */
export const pythonGuardPackagesAreThere = (): boolean =>
  ['fastapi', 'flask'].every((name) => existsSync(pythonCommand(name)));

/** Whether this machine has the compiler of Go, in the version that sdk/go and examples/go-api need. */
export const goIsThere = (): boolean => {
  const printed = String(spawnSync('go', ['env', 'GOVERSION']).stdout);
  return Number(/^go1\.(\d+)/.exec(printed)?.[1]) >= 24;
};

/** A runtime of JavaScript, and its arguments before the name of a file. */
interface Runtime {
  name: string;
  command: [file: string, ...args: string[]];
}

/** The file of a runtime, in the package for this platform: its own scripts, which would link it, do not run here. */
const ofPlatform = (pattern: string): string[] =>
  globSync(pattern, { cwd: path.join(directory, 'node_modules') }).map((file) =>
    path.join(directory, 'node_modules', file),
  );

/** Node, and the other runtimes that the packages of test/clients bring. */
export const runtimes: readonly Runtime[] = [
  { name: 'Node', command: [process.execPath] },
  ...ofPlatform('@deno/*/deno').map(
    (file): Runtime => ({
      name: 'Deno',
      command: [file, 'run', '--allow-all', '--node-modules-dir=manual', '--no-remote'],
    }),
  ),
  ...ofPlatform('@oven/*/bin/bun').map((file): Runtime => ({ name: 'Bun', command: [file] })),
];

/** The path of a program of test/clients; undefined if it is not there, because it is not built on this machine. */
export const clientProgram = (name: string): string | undefined => {
  const file = path.join(directory, name);
  return existsSync(file) ? file : undefined;
};

/** Whether the programs of test/clients are built that are written in Go and Java (`test/clients/build`). */
export const compiledClientsAreThere = (): boolean =>
  [
    'go/relying-party',
    'java/nimbus/target/relying-party.jar',
    'java/spring/target/relying-party.jar',
  ].every((name) => clientProgram(name) !== undefined);

/** The path of a command of the virtual environment: `dclient`, `datasette`, `python`. */
export const pythonCommand = (name: string): string => path.join(python, 'bin', name);

/**
 * Loads a published client by its package name. The caller declares the exports; the package's own types are not
 * used, because the project is also checked without it.
 */
export const loadPublishedClient = <Module>(name: string): Module =>
  createRequire(path.join(directory, 'package.json'))(name) as Module;
