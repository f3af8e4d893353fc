// Loaded into a server before all else: ends the process, as `kill -9` does, when the files of a new
// embedded database are half made, right after the one by which a database is known.
import fs from 'node:fs';

const { openSync } = fs;
let half = false;
fs.openSync = (file, flags, mode) => {
  if (half) process.kill(process.pid, 'SIGKILL');
  half = String(file).endsWith('/db/PG_VERSION') && flags === 'w';
  return openSync(file, flags, mode);
};
