import Bowser from 'bowser';
import { en, type Messages } from '../messages/en.ts';

const maxRead = 400;
const maxShown = 40;

type Devices = Messages['devices'];

/** Programs other than browsers, by the product token that their User-Agent begins with (RFC 9110 §10.1.5). */
const programs: [begins: RegExp, name: (devices: Devices) => string][] = [
  [/^curl\//i, ({ commandLine }) => commandLine('curl')],
  [/^wget\d?\//i, ({ commandLine }) => commandLine('Wget')],
  [/^httpie\//i, ({ commandLine }) => commandLine('HTTPie')],
  [/^writ\//i, ({ writ }) => writ],
  [/^(python|aiohttp|httpx|urllib|requests)/i, ({ writtenIn }) => writtenIn('Python')],
  [/^(node|undici|axios|got|deno|bun)\b/i, ({ writtenIn }) => writtenIn('JavaScript')],
  [/^go-http-client/i, ({ writtenIn }) => writtenIn('Go')],
  [/^(java|okhttp|apache-httpclient)\b/i, ({ writtenIn }) => writtenIn('Java')],
  [/^(ruby|faraday)\b/i, ({ writtenIn }) => writtenIn('Ruby')],
  [/^(reqwest|ureq|hyper)\b/i, ({ writtenIn }) => writtenIn('Rust')],
  [/^(guzzlehttp|php)\b/i, ({ writtenIn }) => writtenIn('PHP')],
  [/^(dotnet|\.net)\b/i, ({ writtenIn }) => writtenIn('.NET')],
  [/(power|windowspower)shell/i, ({ commandLine }) => commandLine('PowerShell')],
];

/** The kind of a system whose browser has the same name: "Tizen TV". */
const kinds: Record<string, 'tv' | 'phone' | 'tablet'> = {
  tv: 'tv',
  mobile: 'phone',
  tablet: 'tablet',
};

/**
 * The name of the program or device that sent a User-Agent, for the middle of a sentence. It is a hint: anyone can send
 * any text, of any length. The result is short.
 */
export function deviceName(
  userAgent: string | null | undefined,
  { devices }: Pick<Messages, 'devices'> = en,
): string {
  const text = (userAgent ?? '').slice(0, maxRead).trim();
  if (!text) return devices.unknown;
  const program = programs.find(([begins]) => begins.test(text));
  if (program) return program[1](devices);
  const { browser, os, platform } = Bowser.parse(text);
  const name = browser.name?.replace(/^Microsoft /, '');
  const systemName = (system: string, type = '') => {
    const kind = kinds[type];
    return kind ? devices[kind](system) : system;
  };
  if (name && os.name && text.startsWith('Mozilla/'))
    return shorten(name === os.name ? systemName(name, platform.type) : devices.on(name, os.name));
  return shorten(text.split(/[\s/;(]/)[0] || text);
}

/** The same, at the beginning of a line. */
export function deviceTitle(
  userAgent: string | null | undefined,
  messages: Pick<Messages, 'devices' | 'code'> = en,
): string {
  const name = deviceName(userAgent, messages);
  const { unknown, writ, writtenIn } = messages.devices;
  const [before = ''] = writtenIn('\0').split('\0');
  return [unknown, writ, before].some((words) => words !== '' && name.startsWith(words))
    ? name.charAt(0).toLocaleUpperCase(messages.code) + name.slice(1)
    : name;
}

function shorten(name: string): string {
  const characters = [...name];
  return characters.length > maxShown ? `${characters.slice(0, maxShown - 1).join('')}…` : name;
}
