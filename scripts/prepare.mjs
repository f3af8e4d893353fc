// Ends `npm ci` with a build, so that starts are quick from the first on. `writ` runs the sources without one: an installation without
// the packages of development, or in a directory that cannot be written, goes on.
import * as path from 'node:path';

const needed = 24;
try {
  if (Number.parseInt(process.versions.node, 10) < needed) process.exit();
  const { build } = await import('./build.mjs');
  await build(path.join(import.meta.dirname, '../dist'));
} catch (error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  if (code !== 'ERR_MODULE_NOT_FOUND')
    process.stderr.write(`No build, so starts take longer: ${message}\n`);
}
