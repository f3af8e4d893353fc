import { loadSettings } from '../../config/settings.ts';
import { SettingsError } from '../../config/settings-error.ts';

/** Problems of the settings of an environment, as reported to operators. */
export function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadSettings(environment);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.message.split('\n  ').slice(1);
  }
}
