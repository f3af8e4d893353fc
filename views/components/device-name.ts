import Bowser from 'bowser';

const LONGEST_READ = 400;
const LONGEST_SHOWN = 40;

/** Programs that are no browsers, by the product token that they begin with (RFC 9110 §10.1.5). */
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

/**
 * What sent a User-Agent, in words that stand inside a sentence. Anybody can send anything there, of any
 * length: it is a hint, and never more than a short one.
 */
export function deviceName(userAgent: string | null | undefined): string {
  const text = (userAgent ?? '').slice(0, LONGEST_READ).trim();
  if (!text) return 'an unknown device';
  const program = programs.find(([begins]) => begins.test(text));
  if (program) return program[1];
  const { browser, os } = Bowser.parse(text);
  const name = browser.name?.replace(/^Microsoft /, '');
  if (name && os.name && text.startsWith('Mozilla/')) return shorten(`${name} on ${os.name}`);
  return shorten(text.split(/[\s/;(]/)[0] || text);
}

/** The same, where it begins a line. */
export function deviceTitle(userAgent: string | null | undefined): string {
  const name = deviceName(userAgent);
  return /^(an?|the) /.test(name) ? name.charAt(0).toUpperCase() + name.slice(1) : name;
}

function shorten(name: string): string {
  const characters = [...name];
  return characters.length > LONGEST_SHOWN
    ? `${characters.slice(0, LONGEST_SHOWN - 1).join('')}…`
    : name;
}
