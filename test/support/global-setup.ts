import { makeTemplates } from './databases.ts';

/** Runs once before all test files; what it puts into `process.env` reaches them. */
export default async function globalSetup(): Promise<void> {
  (globalThis as { removeTemplates?: () => Promise<void> }).removeTemplates = await makeTemplates();
}
