import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { facts } from '../components/facts.ts';
import { field } from '../components/field.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { filterForm } from './list.ts';
import { adminPage } from './shell.ts';

export interface SettingShown {
  /** Its environment variable. */
  name: string;
  group: string;
  meaning: string;
  /** Its default: a value, or words. */
  usual: string;
  /** Null if it is not set, or secret. */
  value: string | null;
  origin: 'environment' | 'default' | 'derived';
  /** The settings that a derived value follows. */
  follows: string[];
  /** It is set, and is not shown. */
  secret: boolean;
  /** It is not its default. */
  changed: boolean;
  /** What a change does. */
  change: string;
}

export interface SettingsProps {
  /** Those that fit the filter. */
  settings: SettingShown[];
  count: { all: number; changed: number };
  filter: { search: string; onlyChanged: boolean };
}

/** Every setting with its value, where that comes from, its meaning, and what a change does. */
export function adminSettings(frame: Frame, { settings, count, filter }: SettingsProps): Html {
  const groups = [...Map.groupBy(settings, ({ group }) => group)];
  const isFiltered = filter.search !== '' || filter.onlyChanged;
  return adminPage(frame, {
    section: 'settings',
    title: 'Settings',
    lead: html`What this server was started with: ${count.changed} of ${count.all} settings differ from their default. To change one, set its environment variable and restart every server.`,
    body: html`<section class="panel" aria-label="Filter">${filterForm(
      '/admin/settings',
      html`${field({ name: 'search', label: 'Name or meaning', value: filter.search, optional: true, maxLength: 200, attributes: html`autocapitalize="none" spellcheck="false"` })}
      <div class="checks"><label><input type="checkbox" name="changed" value="on"${filter.onlyChanged && html` checked`}><span class="check-label">Changed only</span></label></div>`,
      { isFiltered },
    )}</section>
    ${
      groups.length > 1 &&
      html`<nav class="jumps" aria-label="Groups"><ul>${groups.map(
        ([group], index) => html`<li><a href="#group-${index}">${group}</a></li>`,
      )}</ul></nav>`
    }
    ${
      groups.length === 0 &&
      html`<section class="panel"><p class="sub">${filter.search === '' ? 'Every setting has its default.' : 'There is no such setting.'}</p></section>`
    }
    ${groups.map(
      ([group, own], index) => html`<section class="panel" aria-labelledby="group-${index}">
        <h2 id="group-${index}">${group}</h2>${group === 'Brand and links' && html`<p><a href="/admin/brand">See and try the brand on pages</a></p>`}
        <ul class="rows settings">${own.map((setting) => row(setting, isFiltered && settings.length <= 3))}</ul>
      </section>`,
    )}`,
  });
}

function row(setting: SettingShown, isOpen: boolean): Html {
  const { name, meaning, usual, change, changed } = setting;
  return html`<li><details class="setting"${isOpen && html` open`}><summary>
    <span class="setting-name"><code>${name}</code><span class="aside block">${firstSentence(meaning)}</span></span>
    <span class="setting-value">${shortValue(setting)}${changed && html` ${badge('Changed', 'neutral')}`}</span></summary>
    ${facts([
      ['Value', wholeValue(setting)],
      ['Comes from', originOf(setting)],
      ['Default', html`<bdi>${usual}</bdi>`],
      ['Meaning', `${meaning}.`],
      ['A change', `${change}.`],
    ])}</details></li>`;
}

/** Up to the first full stop or colon that ends a clause. */
const firstSentence = (meaning: string): string => meaning.split(/(?<=[^.])[.:;] /)[0] ?? meaning;

const longest = 60;

const shortValue = ({ value, secret }: SettingShown): Html | string => {
  if (secret) return html`<span class="aside">Secret</span>`;
  if (!value) return html`<span class="aside">Not set</span>`;
  return html`<code><bdi>${value.length > longest ? `${value.slice(0, longest)}…` : value}</bdi></code>`;
};

const wholeValue = ({ name, value, secret }: SettingShown): Html | string => {
  if (secret) return 'There is one. It is secret, and not shown.';
  if (!value) return 'None';
  return html`<code><bdi>${value}</bdi></code>${name === 'LIMITS' && html` <a href="/admin/limits">See the limits</a>`}`;
};

function originOf({ name, origin, follows }: SettingShown): Html | string {
  if (origin === 'environment') return html`The environment variable <code>${name}</code>`;
  if (origin === 'default') return 'The default';
  return html`The default, which follows ${follows.map((one, index) => html`${index > 0 && ' and '}<code>${one}</code>`)}`;
}
