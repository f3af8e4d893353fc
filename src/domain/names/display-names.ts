/**
 * What people read: names of clients, apps, accounts, tokens and resources, and the sentences of roles and
 * scopes. One rule for all of them: a name is what it looks like.
 */
import { parameterError } from '../../oauth/errors.ts';

/** A rule of one kind of text. */
export interface DisplayNameRule {
  /** Where the text came from, as callers spell it: `display_name`, `scopes[0].description`. */
  parameter: string;
  /** Characters as people count them (grapheme clusters, UAX #29) that the text has at most. */
  longest: number;
  /** The text as it is stored: one of before these rules stays as it is while it is not changed. */
  before?: string | null | undefined;
  /** Whether nothing at all is an answer too. Default: no. */
  mayBeEmpty?: boolean | undefined;
}

/** Bytes of UTF-8 for each character that people count: an emoji of a family has 25, so a name is not all of them. */
export const bytesPerCharacter = 8;

/**
 * A text for people in the form that is stored: NFC, without the space around it. Throws `invalid_request`, of
 * the parameter, for what is too long, has no letter or digit, or holds a character that nobody sees: a
 * control or format character (`\p{Cc}`, `\p{Cf}`), another line (`\p{Zl}`, `\p{Zp}`), one that is ignored
 * or has no agreed look. Joiners stay within emoji, and between letters of the scripts that need them.
 */
export function displayName(
  text: string,
  { parameter, longest, before, mayBeEmpty = false }: DisplayNameRule,
): string {
  if (text === before) return text;
  const name = text.isWellFormed() ? text.normalize('NFC').trim() : text;
  if (name === '' && mayBeEmpty) return name;
  const problem = problemOf(name, longest);
  if (problem !== undefined) throw parameterError('invalid_request', parameter, problem);
  return name;
}

function problemOf(name: string, longest: number): string | undefined {
  if (name === '') return `is empty; it has 1 to ${longest} characters, all on one line.`;
  // Before anything is counted: what counts must stay cheap.
  if (Buffer.byteLength(name) > longest * bytesPerCharacter)
    return `is more than ${longest * bytesPerCharacter} bytes of UTF-8; it has 1 to ${longest} characters.`;
  if (!name.isWellFormed()) return 'is not well-formed Unicode.';
  const hidden = unseen(name);
  if (hidden !== undefined)
    return `holds ${hidden}, which nobody sees; it has letters, digits and signs, all on one line.`;
  if (!letterOrDigit.test(name)) return 'has no letter and no digit.';
  if (marksOnMarks.test(name)) return 'has more than 4 marks on one letter.';
  if (graphemesOf(name) > longest) return `has more than ${longest} characters.`;
  return undefined;
}

const letterOrDigit = /[\p{L}\p{N}]/u;

/** Letters with so many marks run into the lines above and below (UTS #39 §5.4). */
const marksOnMarks = /[\p{Mn}\p{Me}]{5}/u;

/** Emoji as Unicode recommends them, with their joiners, variation selectors and tags (UTS #51). The flag `v` is newer than the target. */
const emoji = /\p{RGI_Emoji}/gv;

/** Scripts whose spelling needs joiners (UAX #31 §2.3). */
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
const joiners = new RegExp(`(?<=[${joining}])[\\u200c\\u200d](?=[${joining}])`, 'gu');

/** The Braille blank is a sign that looks like a space. */
const notSeen = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** The first character that nobody sees, as `U+200B`. */
function unseen(name: string): string | undefined {
  const [found] = notSeen.exec(name.replace(emoji, '').replace(joiners, '')) ?? [];
  return found && `U+${found.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

const graphemesOf = (text: string): number => [...segmenter.segment(text)].length;
