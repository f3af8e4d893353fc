import { stripTypeScriptTypes } from 'node:module';

/** Jest transform that erases types as Node does, so that tests run the code that ships. */
export default {
  /** @param {string} source */
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
};
