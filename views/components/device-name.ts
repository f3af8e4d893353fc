import Bowser from 'bowser';

const maxRead = 400;
const maxShown = 40;

/** Programs other than browsers, by the product token that their User-Agent begins with (RFC 9110 §10.1.5). */
const programs: [begins: RegExp, name: string][] = [
  [/^curl\//i, 'curl on a command line'],
  [/^wget\d?\//i, 'Wget on a command line'],
  [/^httpie\//i, 'HTTPie on a command line'],
  [/^writ\//i, 'the writ command line'],
  [/^(python|aiohttp|httpx|urllib|requests)/i, 'a program written in Python'],
  [/^(node|undici|axios|got|deno|bun)\b/i, 'a program written in JavaScript'],
  [/^go-http-client/i, 'a program written in Go'],
  [/^(java|okhttp|apache-httpclient)\b/i, 'a program written in Java'],
  [/^(ruby|faraday)\b/i, 'a program written in Ruby'],
  [/^(reqwest|ureq|hyper)\b/i, 'a program written in Rust'],
  [/^(guzzlehttp|php)\b/i, 'a program written in PHP'],
  [/^(dotnet|\.net)\b/i, 'a program written in .NET'],
  [/(power|windowspower)shell/i, 'PowerShell on a command line'],
];

/** What follows the name of a system whose browser has the same name: "Tizen TV". */
const kinds: Record<string, string> = { tv: ' TV', mobile: ' phone', tablet: ' tablet' };

/**
 * The name of the program or device that sent a User-Agent, for the middle of a sentence. It is a hint: anyone can send
 * any text, of any length. The result is short.
 */
export function deviceName(userAgent: string | null | undefined): string {
  const text = (userAgent ?? '').slice(0, maxRead).trim();
  if (!text) return 'an unknown device';
  const program = programs.find(([begins]) => begins.test(text));
  if (program) return program[1];
  const { browser, os, platform } = Bowser.parse(text);
  const name = browser.name?.replace(/^Microsoft /, '');
  if (name && os.name && text.startsWith('Mozilla/'))
    return shorten(
      name === os.name ? `${name}${kinds[platform.type ?? ''] ?? ''}` : `${name} on ${os.name}`,
    );
  return shorten(text.split(/[\s/;(]/)[0] || text);
}

/** The same, at the beginning of a line. */
export function deviceTitle(userAgent: string | null | undefined): string {
  const name = deviceName(userAgent);
  return /^(an?|the) /.test(name) ? name.charAt(0).toUpperCase() + name.slice(1) : name;
}

function shorten(name: string): string {
  const characters = [...name];
  return characters.length > maxShown ? `${characters.slice(0, maxShown - 1).join('')}…` : name;
}
