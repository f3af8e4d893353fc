import { html } from 'hono/html';
import { codeBlock } from '../components/code-block.ts';
import { field, type Problems } from '../components/field.ts';
import { tabs } from '../components/tabs.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { filterForm } from './list.ts';
import { adminPage } from './shell.ts';

/** What the brand can be seen on. */
export const brandPageNames = ['sign-in', 'consent', 'device', 'mail'] as const;
export type BrandPageName = (typeof brandPageNames)[number];

const labels: Record<BrandPageName, string> = {
  'sign-in': 'Sign-in',
  consent: 'Consent',
  device: 'Device code',
  mail: 'Email',
};

export interface BrandProps {
  page: BrandPageName;
  /** As entered, or as set. */
  values: { name: string; color: string };
  /** What differs from the settings. */
  tried: { name?: string | undefined; color?: string | undefined };
  problems: Problems<'name' | 'color'>;
  /** Settings of files, which are as they are set. */
  files: { logo: boolean; style: boolean };
}

const query = (entries: Record<string, string | undefined>): string =>
  new URLSearchParams(
    Object.entries(entries).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  ).toString();

/** How pages and emails look with the brand, or with another name and color. */
export function adminBrand(frame: Frame, props: BrandProps): Html {
  const { page, values, tried, problems, files } = props;
  const isTried = tried.name !== undefined || tried.color !== undefined;
  const hasProblem = Object.values(problems).some(Boolean);
  const pictureOf = (theme: 'light' | 'dark') =>
    `/admin/brand/preview?${query({ page, theme, ...tried })}`;
  return adminPage(frame, {
    section: 'settings',
    trail: [],
    title: 'Brand',
    lead: 'How pages and emails look to people. What you try here changes nothing.',
    body: html`<section class="panel" aria-label="Try">${filterForm(
      '/admin/brand',
      html`<input type="hidden" name="page" value="${page}">
      ${field({ name: 'name', label: 'Name', value: values.name, maxLength: 200, optional: true, problem: problems.name })}
      ${field({ name: 'color', label: 'Color', value: values.color, maxLength: 20, optional: true, problem: problems.color, attributes: html`class="mono" autocapitalize="none" spellcheck="false"` })}`,
      { isFiltered: isTried || hasProblem, label: 'Try it' },
    )}
    <p class="sub">The logo ${files.logo ? 'is that of BRAND_LOGO' : 'is the first letter of the name, without BRAND_LOGO'}${files.style && ', and the style sheet that of BRAND_STYLE'}.</p></section>
    ${
      isTried &&
      html`<section class="panel" aria-labelledby="keep"><h2 id="keep">To keep it</h2>
      <p class="sub">Set these in the environment, and start every server again.</p>
      ${codeBlock('.env', envOf(tried), 'env')}</section>`
    }
    ${tabs(
      'Pages',
      brandPageNames.map((name) => ({
        label: labels[name],
        href: `/admin/brand?${query({ page: name, ...tried })}`,
        isCurrent: name === page,
      })),
    )}
    <div class="pictures">${(['light', 'dark'] as const).map(
      (theme) =>
        html`<figure class="picture"><figcaption>On a phone, ${theme}</figcaption><iframe class="phone" src="${pictureOf(theme)}" title="${labels[page]} on a phone, ${theme}" sandbox="allow-same-origin" loading="lazy"></iframe></figure>`,
    )}</div>
    ${(['light', 'dark'] as const).map(
      (theme) =>
        html`<figure class="picture"><figcaption>On a desk, ${theme}</figcaption><iframe src="${pictureOf(theme)}" title="${labels[page]} on a desk, ${theme}" sandbox="allow-same-origin" loading="lazy"></iframe></figure>`,
    )}`,
  });
}

/** Lines that shells and `node --env-file` read. */
const envOf = ({ name, color }: BrandProps['tried']): string =>
  Object.entries({ BRAND_NAME: name, BRAND_COLOR: color })
    .flatMap(([setting, value]) => (value === undefined ? [] : [`${setting}=${word(value)}`]))
    .join('\n');

const word = (text: string): string =>
  /^[\w.-]+$/.test(text) ? text : text.includes("'") ? JSON.stringify(text) : `'${text}'`;
