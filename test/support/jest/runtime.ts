import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Jest } from '@jest/environment';
import { setGlobals } from './globals.ts';

const require = createRequire(import.meta.url);
// Its ES module export is the namespace.
const { default: Runtime }: typeof import('jest-runtime') = require('jest-runtime');

type Globals = Parameters<InstanceType<typeof Runtime>['setGlobalsForRuntime']>[0];

const globalsUrl = new URL('./globals.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === '@jest/globals'
      ? { url: globalsUrl, format: 'module-typescript', shortCircuit: true }
      : nextResolve(specifier, context),
});

/**
 * Jest with the module loader of Node. Jest loads every module again for every test file, into a context of its
 * own, which took two fifths of the processor time of the suite. Here a worker loads a module once, from Node's
 * compile cache, and its files share it.
 *
 * What a file must not do therefore: change the state of a module or a global and leave it so (spies of
 * `jest.spyOn` are restored after each file). What does not work: module mocks, coverage, watch mode.
 */
export default class NativeRuntime extends Runtime {
  #globals: Globals | undefined;

  override setGlobalsForRuntime(globals: Globals): void {
    this.#globals = globals;
  }

  override unstable_shouldLoadAsEsm(): boolean {
    return true;
  }

  /** Runs a test file. */
  override async unstable_importModule(file: string): Promise<unknown> {
    const globals = this.#globals;
    if (!globals) throw new Error('The framework has to be loaded before a test file.');
    const jest: Jest = this['jestGlobals'].jestObjectFor(file);
    setGlobals({ ...globals, jest } as Parameters<typeof setGlobals>[0]);
    return import(pathToFileURL(file).href);
  }

  /** Loads the framework afresh for each file, since it keeps the file's tests in variables of its module. */
  override requireInternalModule<T>(from: string, to?: string): T {
    if (to !== undefined) return super.requireInternalModule<T>(from, to);
    delete require.cache[from];
    Reflect.deleteProperty(globalThis, Symbol.for('EVENT_HANDLERS'));
    return require(from);
  }
}
