// A shell between npm and the server: it runs the server as its child, and exits on SIGTERM without passing it on.
import { spawn } from 'node:child_process';

spawn(process.execPath, ['src/main.ts', ...process.argv.slice(2)], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.on('SIGTERM', () => process.exit(143));
