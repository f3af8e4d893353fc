import * as path from 'node:path';

/** The default of DATA_DIR. */
export const defaultDataDirectory = './data';

/** The data directory of an environment, whatever its other settings are: the meaning of DATA_DIR. */
export const dataDirectory = ({ DATA_DIR }: { DATA_DIR?: string | undefined }): string =>
  path.resolve(DATA_DIR || defaultDataDirectory);
