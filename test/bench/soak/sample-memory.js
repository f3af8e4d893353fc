// Preloaded into a server: appends a line of JSON with its memory to MEMORY_FILE every ten seconds. Plain JavaScript, because
// Node needs 40 MB to strip types.
import { appendFileSync } from 'node:fs';

const { MEMORY_FILE } = process.env;
if (MEMORY_FILE)
  setInterval(() => {
    appendFileSync(
      MEMORY_FILE,
      `${JSON.stringify({ at: Date.now(), ...process.memoryUsage() })}\n`,
    );
  }, 10_000).unref();
