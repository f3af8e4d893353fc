import { loadSettings, SettingsError } from '../../config/settings.ts';

/** What is wrong with the settings of an environment, as its owner is told. */
export function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadSettings(environment);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.message.split('\n  ').slice(1);
  }
}
