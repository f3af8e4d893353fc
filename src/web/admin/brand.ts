import { raw } from 'hono/html';
import type { Context } from 'koa';
import { problemOfSetting, type Settings } from '../../../config/settings.ts';
import { adminBrand, type BrandPageName, brandPageNames } from '../../../views/admin/brand.ts';
import { brandMail, brandSamples } from '../../../views/admin/brand-samples.ts';
import { writeMail } from '../../../views/mails/mail.ts';
import { queryValue } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Assets, brandSheets, type TriedBrand } from '../brand/assets.ts';
import { linksOf } from '../brand/brand.ts';
import type { Console } from './console.ts';

interface Dependencies {
  issuer: string;
  assets: Pick<Assets, 'preview'>;
  settings: Settings;
}

/** `/admin/brand`: how pages and emails look, with the brand that is set or with another name and color. */
export function brandPages({ page }: Console, { issuer, assets, settings }: Dependencies): void {
  const set = (): TriedBrand => ({ name: settings.BRAND_NAME, color: settings.BRAND_COLOR });

  const entered = (ctx: Context) => ({
    name: queryValue(ctx, 'name')?.trim() || set().name,
    color: queryValue(ctx, 'color')?.trim() || set().color,
  });
  const problemsOf = ({ name, color }: TriedBrand) => ({
    name: problemOfSetting('BRAND_NAME', name),
    color: problemOfSetting('BRAND_COLOR', color),
  });
  /** Checked as the settings are: what they refuse is not shown. */
  const given = (ctx: Context): TriedBrand => {
    const values = entered(ctx);
    const { name, color } = problemsOf(values);
    if (name !== undefined || color !== undefined)
      throw new OAuthError('invalid_request', 'The settings do not permit this name or color.');
    return values;
  };
  const chosenOf = (ctx: Context): BrandPageName =>
    brandPageNames.find((name) => name === queryValue(ctx, 'page')) ?? 'sign-in';
  const themeOf = (ctx: Context) => (queryValue(ctx, 'theme') === 'dark' ? 'dark' : 'light');

  page('/admin/brand', 'diagnostics:read', (call) => {
    const values = entered(call.ctx);
    const problems = problemsOf(values);
    const differs = (name: keyof TriedBrand) =>
      problems[name] === undefined && values[name] !== set()[name] ? values[name] : undefined;
    return call.show(
      (frame) =>
        adminBrand(frame, {
          page: chosenOf(call.ctx),
          values,
          tried: { name: differs('name'), color: differs('color') },
          problems,
          files: {
            logo: settings.BRAND_LOGO !== undefined,
            style: settings.BRAND_STYLE !== undefined,
          },
        }),
      {
        copies: true,
        frames: ["'self'"],
        status: problems.name === undefined && problems.color === undefined ? 200 : 400,
      },
    );
  });

  page('/admin/brand/preview', 'diagnostics:read', async (call) => {
    const { ctx } = call;
    const brand = given(ctx);
    const theme = themeOf(ctx);
    const chosen = chosenOf(ctx);
    if (chosen === 'mail') {
      const { html } = await writeMail(
        { brand: brand.name, color: brand.color, url: issuer, links: linksOf(settings) },
        brandMail,
      );
      const inTheme = html.replaceAll('content="light dark"', `content="${theme}"`);
      return call.show(() => raw(inTheme), { isPicture: true, inlineStyle: true });
    }
    const shown = assets.preview.brand(
      brand,
      (part) =>
        `/admin/brand/sheet?part=${part}&theme=${theme}&color=${encodeURIComponent(brand.color)}`,
    );
    return call.show(
      (frame) =>
        brandSamples[chosen]({
          ...frame,
          brand: shown,
          person: undefined,
          notice: undefined,
          current: undefined,
        }),
      { isPicture: true },
    );
  });

  page('/admin/brand/sheet', 'diagnostics:read', async ({ ctx }) => {
    const part = brandSheets.find((name) => name === queryValue(ctx, 'part'));
    if (!part) throw new OAuthError('not_found', '');
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
    ctx.type = 'text/css; charset=utf-8';
    ctx.body = assets.preview.sheet(part, given(ctx).color, themeOf(ctx));
  });
}
