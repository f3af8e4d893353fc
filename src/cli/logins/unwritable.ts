import { Failure } from '../failure.ts';

/** The failure for a file that cannot be written, in words for the person. */
export function unwritable(file: string, cause: unknown): Failure {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason =
    code === 'ENOSPC'
      ? 'the disk is full'
      : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'this user may not write there'
        : message;
  return new Failure(`${file} cannot be written: ${reason}.`, {
    remedy:
      code === 'ENOSPC'
        ? 'Free some space. Nothing was changed.'
        : 'Set XDG_CONFIG_HOME to a directory of your own. Nothing was changed.',
    cause,
  });
}
