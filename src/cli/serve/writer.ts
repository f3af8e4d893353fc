import type { Settings } from '../../../config/settings.ts';
import type { Terminal } from '../terminal.ts';

/** Where messages for people are written: on standard error if programs read the audit on standard output. */
export const writerOf = (
  { AUDIT_LOG }: Pick<Settings, 'AUDIT_LOG'>,
  { out, err }: Pick<Terminal, 'out' | 'err'>,
) => (AUDIT_LOG === 'stdout' ? err : out);
