/**
 * Texts that people read: names of clients, apps, accounts, tokens and resources, and descriptions of roles and
 * scopes. One rule applies to all of them: no hidden or misleading characters.
 */
import { parameterError } from '../../oauth/errors.ts';

/** Limits of one kind of text. */
export interface DisplayNameRule {
  /** The request parameter for errors: `display_name`, `scopes[0].description`. */
  parameter: string;
  /** Maximum length in grapheme clusters (UAX #29). */
  maxLength: number;
  /** The stored text. It is accepted unchanged even if it predates these rules. */
  before?: string | null | undefined;
  /** Whether the text can be empty. Default: no. */
  mayBeEmpty?: boolean | undefined;
}

/** Maximum UTF-8 bytes per character, on average. A family emoji has 25, so a name cannot consist only of those. */
export const bytesPerCharacter = 8;

/**
 * Validates a text and returns it in the form that is stored: NFC and trimmed. Throws `invalid_request` for the
 * parameter if the text is too long, has no letter or digit, or contains an invisible character: a control or
 * format character (`\p{Cc}`, `\p{Cf}`), a line separator (`\p{Zl}`, `\p{Zp}`), a private-use character or an
 * ignorable one. Joiners are allowed within emoji, and between letters of scripts that need them.
 */
export function displayName(
  text: string,
  { parameter, maxLength, before, mayBeEmpty = false }: DisplayNameRule,
): string {
  if (text === before) return text;
  const name = text.isWellFormed() ? text.normalize('NFC').trim() : text;
  if (name === '' && mayBeEmpty) return name;
  const problem = name === '' ? `enter a ${nameOf(parameter)}.` : problemOf(name, maxLength);
  if (problem !== undefined) {
    const kind =
      name === '' ? 'name_missing' : isTooLong(name, maxLength) ? 'name_too_long' : 'name_unusable';
    throw parameterError('invalid_request', parameter, problem, { kind });
  }
  return name;
}

/** What people call a parameter: “description” for `scopes[0].description`. */
const nameOf = (parameter: string): string =>
  (parameter.split('.').at(-1) ?? parameter).replaceAll('_', ' ');

function problemOf(name: string, maxLength: number): string | undefined {
  // Check the size first, so that counting characters stays cheap.
  if (Buffer.byteLength(name) > maxLength * bytesPerCharacter)
    return `is longer than ${maxLength * bytesPerCharacter} bytes of UTF-8. Enter at most ${maxLength} characters.`;
  if (!name.isWellFormed()) return 'is not well-formed Unicode.';
  const hidden = firstInvisible(name);
  if (hidden !== undefined)
    return `contains the invisible character ${hidden}. Use letters, digits and symbols on one line.`;
  const { letterOrDigit, marksOnMarks } = unicode();
  if (!letterOrDigit.test(name)) return 'has no letter or digit.';
  if (marksOnMarks.test(name)) return 'has more than 4 combining marks on one letter.';
  if (graphemesOf(name) > maxLength) return `has more than ${maxLength} characters.`;
  return undefined;
}

const isTooLong = (name: string, maxLength: number): boolean =>
  Buffer.byteLength(name) > maxLength * bytesPerCharacter || graphemesOf(name) > maxLength;

/** Scripts in which joiners are part of the spelling (UAX #31 §2.3). */
const joining = [
  ...[
    'Arabic',
    'Syriac',
    'Mongolian',
    'Nko',
    'Devanagari',
    'Bengali',
    'Gurmukhi',
    'Gujarati',
    'Oriya',
  ],
  ...['Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Khmer', 'Myanmar'],
]
  .map((script) => `\\p{Script=${script}}`)
  .join('');
/** Patterns and the segmenter need tables of Unicode that take 20 ms to load: when the first name is checked, not at a start. */
const createUnicode = () => ({
  letterOrDigit: /[\p{L}\p{N}]/u,
  /** So many marks on one letter would cover the lines above and below (UTS #39 §5.4). */
  marksOnMarks: /[\p{Mn}\p{Me}]{5}/u,
  /**
   * Emoji recommended by Unicode, with their joiners, variation selectors and tags (UTS #51). Property of strings,
   * hence the `v` flag.
   */
  emoji: /\p{RGI_Emoji}/gv,
  joiners: new RegExp(`(?<=[${joining}])[\\u200c\\u200d](?=[${joining}])`, 'gu'),
  /** Invisible characters. U+2800 is the Braille blank, which looks like a space. */
  invisible: /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u,
  segmenter: new Intl.Segmenter('en', { granularity: 'grapheme' }),
});

let created: ReturnType<typeof createUnicode> | undefined;
const unicode = () => {
  created ??= createUnicode();
  return created;
};

/** The first invisible character, as `U+200B`. */
function firstInvisible(name: string): string | undefined {
  const { emoji, joiners, invisible } = unicode();
  const [found] = invisible.exec(name.replace(emoji, '').replace(joiners, '')) ?? [];
  return found && `U+${found.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
}

const graphemesOf = (text: string): number => [...unicode().segmenter.segment(text)].length;
