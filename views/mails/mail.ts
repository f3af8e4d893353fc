import { html } from 'hono/html';
import { lettersOn, onAnyGround } from '../components/contrast.ts';
import { inWords } from '../components/time.ts';
import type { BrandLinks, Html } from '../layout/frame.ts';
import { en, type Messages } from '../messages/en.ts';
import type { Language } from '../messages/language.ts';

/** Who an email comes from. */
export interface Sender {
  brand: string;
  /** The color of the brand, #rrggbb. */
  color: string;
  /** The URL of the server, without a slash at its end: the links of emails begin with it. */
  url: string;
  links?: BrandLinks | undefined;
  /** The languages of the installation. Default: all. */
  languages?: readonly Language[] | undefined;
}

/** The content of an email. Names that people chose are text, whatever they contain. */
export interface MailProps {
  subject: string;
  /** The name of the recipient. */
  to: string;
  /** What happened. */
  opening: string;
  facts: [label: string, value: string][];
  /** What to do, one paragraph each. */
  advice: string[];
  /** The language, if the email is not in English only. */
  messages?: Messages | undefined;
  /** Pages of this server; the first is a button. */
  links: { label: string; path: string }[];
}

/** An email ready to be sent. */
export interface WrittenMail {
  subject: string;
  text: string;
  html: string;
}

/** Writes an email as plain text and as HTML, with the same content. The HTML loads nothing: no images, fonts or styles. */
export async function writeMail(sender: Sender, props: MailProps): Promise<WrittenMail> {
  const { brand, url: server } = sender;
  const { code: language, mails: said } = props.messages ?? en;
  const content = {
    language,
    greeting: said.hello(oneLine(props.to)),
    subject: oneLine(props.subject),
    opening: oneLine(props.opening),
    facts: props.facts.map(([label, value]) => [label, oneLine(value)] as const),
    advice: props.advice.map(oneLine),
    links: props.links.map(({ label, path }) => ({ label, url: server + path })),
    footer: [said.automatic(oneLine(brand)), ...helpOf(sender, said)],
  };
  return {
    subject: content.subject,
    text: textOf(content, server),
    html: String(await htmlOf(content, sender)),
  };
}

type Content = Omit<MailProps, 'facts' | 'links' | 'to' | 'messages'> & {
  language: string;
  greeting: string;
  facts: (readonly [label: string, value: string])[];
  links: { label: string; url: string }[];
  footer: string[];
};

const textOf = (
  { greeting, opening, facts, advice, links, footer }: Content,
  server: string,
): string =>
  `${[
    greeting,
    opening,
    facts.map(([label, value]) => `  ${label}: ${value}`).join('\n'),
    ...advice,
    links.map(({ label, url }) => `${label}: ${url}`).join('\n'),
    ['--', ...footer, server].join('\n'),
  ]
    .filter(Boolean)
    .join('\n\n')}\n`;

const font =
  "font-family: system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const muted = 'opacity: .75';

/** Text has no color of its own, so that it can be read in the light and in the dark. */
function htmlOf(
  { language, greeting, subject, opening, facts, advice, links, footer }: Content,
  sender: Sender,
): Html {
  const { brand, color, url: server } = sender;
  const linkColor = `color: ${onAnyGround(color)}`;
  const linked = (text: string) => withLinks(text, sender, linkColor);
  const [button, ...others] = links;
  // The outline shows a shape whose color is close to the background.
  const filled = `background: ${color}; color: ${lettersOn(color)}; border: 1px solid #808080`;
  return html`<!doctype html>
<html lang="${language}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="supported-color-schemes" content="light dark">
  <title>${subject}</title>
</head>
<body style="margin: 0; padding: 24px 16px; ${font}; font-size: 16px; line-height: 1.5">
  <div style="max-width: 34em; margin: 0 auto">
  <p style="margin: 0 0 28px; font-size: 18px; font-weight: 600"><span aria-hidden="true" style="display: inline-block; width: 32px; line-height: 32px; margin-right: 10px; border-radius: 8px; text-align: center; ${filled}">${initialOf(brand)}</span>${oneLine(brand)}</p>
  <h1 style="margin: 0 0 20px; font-size: 22px; line-height: 1.3">${subject}</h1>
  <p>${greeting}</p>
  <p>${opening}</p>
  <table style="margin: 20px 0; border-collapse: collapse; ${font}; font-size: 15px; line-height: 1.4">${facts.map(
    ([label, value]): Html =>
      html`<tr><th scope="row" style="padding: 4px 20px 4px 0; text-align: left; vertical-align: top; font-weight: 400; white-space: nowrap; ${muted}">${label}</th><td style="padding: 4px 0; vertical-align: top; word-break: break-word"><bdi>${value}</bdi></td></tr>`,
  )}</table>
  ${advice.map((paragraph) => html`<p>${linked(paragraph)}</p>`)}
  ${button && html`<p style="margin: 28px 0"><a href="${button.url}" style="display: inline-block; padding: 12px 22px; border-radius: 10px; font-weight: 600; text-decoration: none; ${filled}">${button.label}</a></p>`}
  ${others.map(({ label, url }) => html`<p><a href="${url}" style="${linkColor}">${label}</a></p>`)}
  <hr style="margin: 32px 0 16px; border: 0; border-top: 1px solid #808080; ${muted}">
  <p style="margin: 0; font-size: 13px">${footer.map((line) => html`${linked(line)}<br>`)}<a href="${server}" style="${linkColor}">${server}</a></p>
  </div>
</body>
</html>
`;
}

function helpOf({ links = {} }: Sender, said: Messages['mails']): string[] {
  const help = [links.supportUrl, links.supportEmail].filter(Boolean).join(' · ');
  return help ? [said.help(help)] : [];
}

/** A sentence in which the addresses of support are links. */
function withLinks(text: string, { links = {} }: Sender, style: string): Html {
  const targets = [
    [links.supportUrl, links.supportUrl],
    [links.supportEmail, `mailto:${links.supportEmail}`],
  ] as const;
  for (const [address, href] of targets) {
    const at = address ? text.indexOf(address) : -1;
    if (!address || at < 0) continue;
    const rest = (part: string) => withLinks(part, { links } as Sender, style);
    return html`${rest(text.slice(0, at))}<a href="${href}" style="${style}">${address}</a>${rest(text.slice(at + address.length))}`;
  }
  return html`${text}`;
}

/** Whom a person can ask for help, in a sentence of an email. */
export function contactOf(
  { brand, links = {} }: Sender,
  { mails: said }: Pick<Messages, 'mails'> = en,
): string {
  const { supportEmail: email, supportUrl: url } = links;
  const addresses = email && url ? said.or(email, url) : (email ?? url);
  return addresses ? said.support(brand, addresses) : said.administrator(brand);
}

const initialOf = (brand: string): string =>
  [...new Intl.Segmenter('en').segment(brand.toUpperCase())][0]?.segment ?? '';

/** A single line: characters that begin lines or change the direction of text are replaced by spaces. */
const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();

/** A name that a person chose, marked as a name. */
export const quoted = (name: string): string => `“${name}”`;

/** A moment, or "never". */
export const whenOrNever = (date: Date | null): string => (date ? inWords(date) : 'never');

/** The facts that emails about an action end with: when it was done, and from where. */
export const doneAt = (
  label: string,
  date: Date,
  ip: string | null,
  messages: Messages = en,
): [string, string][] => [
  [label, inWords(date, messages)],
  ...(ip ? [[messages.mails.facts.ip, ip] as [string, string]] : []),
];

/** What emails say about an action that the person took themselves, or did not. `todo` is what to do, before the contact. */
export const wasItYou = (todo: string, contact: string, after = ''): string[] => [
  'If this was you, you can ignore this email.',
  `If this was not you, someone else may have access to your account. ${todo}${todo ? 'contact' : 'Contact'} ${contact} at once${after}.`,
];
