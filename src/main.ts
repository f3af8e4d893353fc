import { enableCompileCache } from 'node:module';

// Must come before the rest is loaded: a second start then compiles nothing.
enableCompileCache();
const { run } = await import('./cli/index.ts');
process.exitCode = await run(process.argv.slice(2), process.env);
