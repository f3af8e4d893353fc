import { createRequire } from 'node:module';
import type { JestEnvironment, JestEnvironmentConfig } from '@jest/environment';

const require = createRequire(import.meta.url);
// Their ES module exports are the namespaces.
const { ModernFakeTimers }: typeof import('@jest/fake-timers') = require('@jest/fake-timers');
const { ModuleMocker }: typeof import('jest-mock') = require('jest-mock');

/** Tests run in the worker's own context, as the server runs in that of its process. */
export default class ProcessEnvironment implements JestEnvironment<number> {
  // Jest replaces `exit` of the process, and puts functions here that only it reads.
  readonly global: JestEnvironment['global'] = Object.create(globalThis, {
    process: { value: Object.create(process) },
    console: {
      get: () => globalThis.console,
      set: (value: Console) => {
        globalThis.console = value;
      },
    },
  });
  readonly moduleMocker = new ModuleMocker(globalThis);
  readonly fakeTimers = null;
  readonly fakeTimersModern;

  constructor({ projectConfig }: JestEnvironmentConfig) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  async setup(): Promise<void> {}

  async teardown(): Promise<void> {
    this.fakeTimersModern.dispose();
  }

  exportConditions(): string[] {
    return ['node', 'node-addons'];
  }

  getVmContext(): null {
    return null;
  }
}
