import { requestLimits } from '../../../config/limits.ts';
import { describeSettings, type Settings, secretSettings } from '../../../config/settings.ts';
import { adminLimits, adminSettings, type SettingShown } from '../../../views/admin/settings.ts';
import type { Figures } from '../../domain/installation/figures.ts';
import type { Console } from './console.ts';

interface Dependencies {
  settings: Settings;
  figures: Pick<Figures, 'read'>;
}

/** `/admin/settings` and `/admin/limits`: what is set, and what it means. They change nothing: a server reads them at its start. */
export function settingPages({ page }: Console, { settings, figures }: Dependencies): void {
  page('/admin/settings', 'diagnostics:read', (call) =>
    call.show((frame) => adminSettings(frame, { settings: shown(settings) })),
  );

  page('/admin/limits', 'diagnostics:read', async (call) => {
    const { limits_reached: reached } = await figures.read();
    const limits = Object.entries(requestLimits).map(
      ([name, { meaning, by, counts, ...usual }]) => {
        const now = Object.entries(settings.LIMITS).find(([one]) => one === name)?.[1];
        return {
          name,
          meaning,
          by,
          counts,
          now: now && { points: now.points, seconds: now.seconds },
          isDefault: now?.points === usual.points && now.seconds === usual.seconds,
          refused: reached.find((one) => one.name === name)?.count ?? 0,
        };
      },
    );
    await call.show((frame) => adminLimits(frame, { limits }));
  });
}

const shown = (settings: Settings): SettingShown[] =>
  describeSettings().map(({ name, group, meaning, default: usual }) => {
    const value = settings[name as keyof Settings] as unknown;
    const text = textOf(value);
    const isSecret = secretSettings.has(name) && text !== undefined && !text.startsWith('pglite:');
    return {
      name,
      group,
      meaning,
      usual: 'value' in usual ? usual.value : usual.words,
      value: isSecret ? undefined : text,
      isSecret,
      isDefault:
        !isSecret &&
        ('value' in usual ? text === usual.value || value === undefined : value === undefined),
    };
  });

/** A value as people would write it; undefined if there is none. Those that were read into something else have a page. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value))
    return value.every((one) => typeof one === 'string') ? value.join(', ') : JSON.stringify(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
