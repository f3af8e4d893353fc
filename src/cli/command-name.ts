import { existsSync } from 'node:fs';
import * as path from 'node:path';

/**
 * How a person runs this command: a clone has it in `node_modules` only; the image and an installed package have it
 * on the PATH. Hints use it, so that they can be pasted.
 */
export const commandName = isClone() ? 'npx writ' : 'writ';

/** A clone can run its build, too, which is in one directory beside the sources. */
function isClone(): boolean {
  return (
    import.meta.filename.endsWith('.ts') || existsSync(path.join(import.meta.dirname, '../src'))
  );
}
