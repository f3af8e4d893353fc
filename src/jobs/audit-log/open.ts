import type { Settings } from '../../../config/settings.ts';
import { SettingsError } from '../../../config/settings-error.ts';
import { createFile, createStandardOutput, type Destination } from './destination.ts';

/** Opens what AUDIT_LOG names; undefined without it. Throws SettingsError if the file cannot be written. */
export async function openAuditDestination({
  AUDIT_LOG: to,
}: Pick<Settings, 'AUDIT_LOG'>): Promise<Destination | undefined> {
  if (to === undefined) return undefined;
  if (to === 'stdout') return createStandardOutput();
  return createFile(to).catch(({ code, message }: NodeJS.ErrnoException) => {
    const reason = code === 'ENOTFILE' ? 'is not a file' : `cannot be written (${code ?? message})`;
    throw new SettingsError([`AUDIT_LOG: ${to} ${reason}`]);
  });
}
