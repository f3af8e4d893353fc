import { stripTypeScriptTypes } from 'node:module';

/** Jest transform: erases the types as Node itself does, so that tests run the code that ships. */
export default {
  /** @param {string} source */
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
};
