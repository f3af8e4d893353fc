// Preloaded into a server: kills the process, like `kill -9`, while it creates the files of a new embedded
// database, right after the file that identifies a database.
import fs from 'node:fs';

const { openSync } = fs;
let half = false;
fs.openSync = (file, flags, mode) => {
  if (half) process.kill(process.pid, 'SIGKILL');
  half = String(file).endsWith('/db/PG_VERSION') && flags === 'w';
  return openSync(file, flags, mode);
};
