import { enableCompileCache } from 'node:module';

// Before the other modules are loaded, so the next start need not compile them.
enableCompileCache();
const { run } = await import('./cli/index.ts');
process.exitCode = await run(process.argv.slice(2), process.env);
