import { describeSettings, type Settings, secretSettings } from '../../../config/settings.ts';

/** A setting as the server that answers uses it. */
export interface SettingState {
  /** Its environment variable. */
  name: string;
  /** The heading that it is listed under. */
  group: string;
  /** As it would be written in the environment; null if there is none, or it is secret. */
  value: string | null;
  /** Its default: a value, or words. */
  default: string;
  /** The environment, the default, or a default that follows other settings or the machine. */
  origin: 'environment' | 'default' | 'derived';
  /** The settings that a derived value follows. */
  derived_from: string[];
  /** Whether it is set to something else than its default. */
  changed: boolean;
  /** Whether its value is not shown. There is one. */
  secret: boolean;
  meaning: string;
  /** What a change does to what exists, in addition to the restart that every change needs. */
  change: string;
}

/** All settings, in the order of the page on settings. */
export type ListSettings = () => SettingState[];

/** The settings of a running server. They do not change while it runs. */
export function createListSettings(settings: Settings, issuer: string): ListSettings {
  const list = describeSettings().map(
    ({ name, group, meaning, change, default: usual, derivedFrom }): SettingState => {
      const isGiven = name in settings.given;
      const ownKey = name === 'SECRET_KEYS' && !isGiven;
      const derived = ownKey ? ['DATA_DIR'] : derivedFrom;
      const given = settings.given[name] ?? null;
      const words = 'value' in usual ? usual.value : usual.words;
      return {
        name,
        group,
        value: isGiven ? given : (effective(settings, issuer, name) ?? fixed(usual)),
        default: words,
        origin: isGiven ? 'environment' : derived.length > 0 ? 'derived' : 'default',
        derived_from: isGiven ? [] : [...derived],
        changed: isGiven && !('value' in usual && given === usual.value),
        secret: secretSettings.has(name) && (isGiven ? given === null : ownKey),
        meaning,
        change,
      };
    },
  );
  return () => list;
}

const fixed = (usual: { value: string } | { words: string }): string | null =>
  'value' in usual ? usual.value : null;

/** What a default comes to that follows other settings, or the directory of the process. */
function effective(settings: Settings, issuer: string, name: string): string | undefined {
  switch (name) {
    case 'ISSUER':
      return issuer;
    case 'HOST':
      return settings.embedded ? 'localhost' : undefined;
    case 'MAIL_FROM':
      return `${settings.BRAND_NAME} <no-reply@${new URL(issuer).hostname}>`;
    case 'DIALECTS':
      return settings.DIALECTS.join(',') || 'none';
    case 'DATA_DIR':
    case 'DATABASE_URL':
    case 'CLIENT_METADATA_DOCUMENTS':
    case 'DATASETTE_DEVICE_FLOW':
    case 'SHUTDOWN_DELAY_SECONDS':
      return String(settings[name]);
    default:
      return undefined;
  }
}
