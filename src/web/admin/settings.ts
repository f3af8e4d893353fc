import { requestLimits } from '../../../config/limits.ts';
import type { Settings } from '../../../config/settings.ts';
import { adminLimits } from '../../../views/admin/limits.ts';
import { adminSettings } from '../../../views/admin/settings.ts';
import type { Figures } from '../../domain/installation/figures.ts';
import type { ListSettings } from '../../domain/installation/settings.ts';
import { queryValue } from '../../http/form.ts';
import type { Console } from './console.ts';

interface Dependencies {
  settings: Pick<Settings, 'LIMITS'>;
  listSettings: ListSettings;
  figures: Pick<Figures, 'read'>;
}

/** `/admin/settings` and `/admin/limits`: what is set, and what it means. They change nothing: a server reads them at its start. */
export function settingPages(
  { page }: Console,
  { settings, listSettings, figures }: Dependencies,
): void {
  page('/admin/settings', 'diagnostics:read', (call) => {
    const search = queryValue(call.ctx, 'search')?.trim() ?? '';
    const onlyChanged = queryValue(call.ctx, 'changed') === 'on';
    const all = listSettings();
    const words = search.toLowerCase().split(/\s+/);
    const found = all.filter(
      ({ name, group, meaning, changed }) =>
        (changed || !onlyChanged) &&
        words.every((word) => `${name} ${group} ${meaning}`.toLowerCase().includes(word)),
    );
    return call.show((frame) =>
      adminSettings(frame, {
        settings: found.map(({ derived_from: follows, default: usual, ...setting }) => ({
          ...setting,
          usual,
          follows,
        })),
        count: { all: all.length, changed: all.filter(({ changed }) => changed).length },
        filter: { search, onlyChanged },
      }),
    );
  });

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
