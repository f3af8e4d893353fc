/**
 * How a person runs this command: a clone has it in `node_modules` only; the image and an installed package have it
 * on the PATH. Hints use it, so that they can be pasted.
 */
export const commandName = import.meta.url.endsWith('.ts') ? 'npx writ' : 'writ';
