/**
 * The Markdown of descriptions: headings, paragraphs, lists, fenced code, and within a line code, bold text and links. The texts
 * are those of this server (`src/api`); all of them are escaped nevertheless.
 */
import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { example } from './example.ts';

/** `level` is the level of its headings. */
export function markdown(text: string, level: 2 | 3 = 2): Html[] {
  let heading = '';
  return text.split(/(```\w*\n[\s\S]*?\n```)/).flatMap((part, index) => {
    const [, language = '', code] = /^```(\w*)\n([\s\S]*)\n```$/.exec(part) ?? [];
    if (code !== undefined)
      return [example(languages[language] ?? 'Example', `${heading} ${(index + 1) / 2}`, code)];
    heading = headingsOf(part).at(-1)?.label ?? heading;
    return blocks(part, level);
  });
}

const languages: Record<string, string> = { sh: 'Shell', json: 'JSON' };

const blocks = (text: string, level: 2 | 3): Html[] =>
  text
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map((block) => {
      const heading = /^## (.*)$/.exec(block)?.[1];
      if (heading !== undefined) return headingOf(heading, level);
      if (/^- /.test(block))
        return html`<ul>${block.split(/\n(?=- )/).map((item) => html`<li>${inline(item.slice(2))}</li>`)}</ul>`;
      return html`<p>${inline(block)}</p>`;
    });

const headingOf = (text: string, level: 2 | 3): Html => {
  const id = text.toLowerCase().replaceAll(/\W+/g, '-');
  return level === 2 ? html`<h2 id="${id}">${text}</h2>` : html`<h3 id="${id}">${text}</h3>`;
};

/** The headings of a text, with their anchors. */
export const headingsOf = (text: string): { id: string; label: string }[] =>
  [...text.matchAll(/^## (.*)$/gm)].map(([, label = '']) => ({
    id: label.toLowerCase().replaceAll(/\W+/g, '-'),
    label,
  }));

export const inline = (text: string): (Html | string)[] =>
  text
    .replaceAll('\n', ' ')
    .split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/)
    .map((part) => {
      if (/^`.+`$/.test(part)) return html`<code>${part.slice(1, -1)}</code>`;
      if (/^\*\*.+\*\*$/.test(part)) return html`<strong>${part.slice(2, -2)}</strong>`;
      const link = /^\[([^\]]+)\]\((.+)\)$/.exec(part);
      return link ? html`<a href="${link[2] ?? ''}">${link[1]}</a>` : part;
    });
