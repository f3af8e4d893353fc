/**
 * Runs once before all test files; what it puts into `process.env` reaches them.
 *
 * The services are not started here but in run.ts, which also stops them when Jest is killed.
 * This is the place for what is made once and shared, such as a migrated database template.
 */
export default async function globalSetup(): Promise<void> {}
