import { html } from 'hono/html';
import { inWords } from '../components/time.ts';
import type { Html } from '../layout/frame.ts';

/** Where a mail comes from. */
export interface Sender {
  brand: string;
  /** The URL of the server, without a slash at its end: its links begin with it. */
  url: string;
}

/** What a mail says, before it has a form. Whatever others have named is text like any other. */
export interface MailProps {
  subject: string;
  /** The name of whoever it is to. */
  to: string;
  /** What happened. */
  opening: string;
  facts: [label: string, value: string][];
  /** What to do, a paragraph each. */
  advice: string[];
  links: { label: string; path: string }[];
}

/** A mail ready to be sent. */
export interface WrittenMail {
  subject: string;
  text: string;
  html: string;
}

/** A mail in both of its forms, which say the same. */
export async function writeMail(
  { brand, url: server }: Sender,
  { subject, to, opening, facts, advice, links }: MailProps,
): Promise<WrittenMail> {
  const greeting = to ? `Hello ${oneLine(to)},` : 'Hello,';
  const rows = facts.map(([label, value]) => [label, oneLine(value)] as const);
  const places = links.map(({ label, path }) => ({ label, url: server + path }));
  const from = `This mail is from ${brand}. Answers to it are not read.`;
  const text = [
    greeting,
    oneLine(opening),
    rows.map(([label, value]) => `  ${label}: ${value}`).join('\n'),
    ...advice.map(oneLine),
    places.map(({ label, url }) => `${label}: ${url}`).join('\n'),
    `--\n${oneLine(from)}\n${server}`,
  ];
  const page = html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="supported-color-schemes" content="light dark">
  <title>${oneLine(subject)}</title>
</head>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 36em; margin: 0 auto; padding: 1em">
  <p>${greeting}</p>
  <p>${oneLine(opening)}</p>
  <dl>${rows.map(
    ([label, value]): Html =>
      html`<dt style="opacity: .75">${label}</dt><dd style="margin: 0 0 .5em"><bdi>${value}</bdi></dd>`,
  )}</dl>
  ${advice.map((paragraph) => html`<p>${oneLine(paragraph)}</p>`)}
  ${places.map(({ label, url }) => html`<p><a href="${url}">${label}</a></p>`)}
  <hr>
  <p style="font-size: 14px; opacity: .75">${oneLine(from)}<br>${server}</p>
</body>
</html>
`;
  return {
    subject: oneLine(subject),
    text: `${text.filter(Boolean).join('\n\n')}\n`,
    html: String(await page),
  };
}

/** No more than a line, whoever wrote it: what begins lines, or turns the direction of a text, is gone. */
const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();

/** A name that somebody chose, told from the words around it. */
export const quoted = (name: string): string => `“${name}”`;

/** A moment, or that there is none. */
export const whenOrNever = (date: Date | null): string => (date ? inWords(date) : 'never');
