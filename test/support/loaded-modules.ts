// Preloaded into a server: when it ends, it says which of its own files and which modules of Node it has loaded.
import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';

const files: string[] = [];
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) files.push(url);
    return next(url, context);
  },
});
process.on('exit', () => {
  const { moduleLoadList } = process as unknown as { moduleLoadList: string[] };
  writeSync(2, `loaded ${JSON.stringify({ files, ofNode: moduleLoadList })}\n`);
});
