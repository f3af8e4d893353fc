import manifest from '../../package.json' with { type: 'json' };

/** The version of Writ that is running. */
export const { version } = manifest;
