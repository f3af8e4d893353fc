import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Makes `node_modules` of an example in a directory: packages of test/clients under the names by which the example imports them, and
 * the parts of `writ-sdk`. In the place of the built package, because Node does not run TypeScript inside node_modules.
 */
export function installForExample(directory: string, packages: Readonly<Record<string, string>>) {
  const modules = path.join(directory, 'node_modules');
  const sdk = path.join(modules, 'writ-sdk');
  mkdirSync(sdk, { recursive: true });
  for (const [name, target] of Object.entries(packages))
    symlinkSync(path.join(root, 'test/clients/node_modules', target), path.join(modules, name));
  writeFileSync(
    path.join(sdk, 'package.json'),
    JSON.stringify({
      name: 'writ-sdk',
      type: 'module',
      exports: { './resource-server': './resource-server.js', './client': './client.js' },
    }),
  );
  for (const name of ['resource-server', 'client']) {
    const source = pathToFileURL(path.join(root, `src/sdk/${name}/index.ts`)).href;
    writeFileSync(path.join(sdk, `${name}.js`), `export * from '${source}';\n`);
  }
}
