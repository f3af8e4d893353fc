import { type Kysely, sql } from 'kysely';

/**
 * The skeleton of a name (UTS #39 §4): two names with the same skeleton look alike. It is a function of the database, so
 * existing names have one too, as do names that a process of the previous version stores during the upgrade. Another
 * table of lookalikes requires another migration that replaces the function and rebuilds both indexes.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ encoding: string }>`
    select current_setting('server_encoding') as encoding`.execute(db);
  // Other encodings have neither these letters nor normal forms.
  const unicode = rows[0]?.encoding === 'UTF8';
  const skeleton = unicode ? skeletonOf(fold(), dropped()) : skeletonOf('', `[${signs}]`);
  for (const statement of [skeleton, ...indexes]) await sql.raw(statement).execute(db);
}

/**
 * Keeps only letters and digits, in lower case, and maps lookalikes to one letter. The letters of all scripts are kept,
 * so names that read differently never collide. The result is cut to a length that an index can hold.
 */
const skeletonOf = (
  folded: string,
  dropping: string,
) => `create function name_skeleton(name text) returns text
  language plpgsql immutable strict parallel safe as $skeleton$
  declare look text := left(name, 1000);
  begin
    ${folded}
    look := translate(lower(look collate "C"), 'i1|0', 'lllo');
    look := regexp_replace(look, '${dropping}', '', 'g');
    return left(replace(replace(look, 'rn', 'm'), 'vv', 'w'), 200);
  end $skeleton$`;

/** For the name of a client as people see it when they decide, and for the name of an app. */
const indexes = [
  `create index client_name_skeleton on client (name_skeleton(coalesce(metadata->>'client_name', client_id)))
    where deleted_at is null`,
  `create index app_name_skeleton on app (name_skeleton(display_name)) where deleted_at is null`,
];

/** Lookalikes of ASCII letters. The other case of each letter is added automatically. */
const looks: Record<string, string> = {
  a: 'ΑαАаɑᴀᎪᗅꓮ⍺𐊠𖽀',
  b: 'ΒВвЬьƄƅɃƀƁɓʙᏴᏏᗷᑲᖯꓐꞴ𐊂𐊡𐌁',
  c: 'ϹϲςСсҪҫƇƈᴄᏟⲤⲥꓚ𐊢𐌂𐐕𐐽𑣩𑣲',
  d: 'ԀԁĐđƊɗðᴅᎠᏧᗞᗪᑯꓓꓒ',
  e: 'ΕεЕеЄєҼҽƐɛᴇ℮Ꭼⴹꓰꬲ⋿𐊆𑢦𑢮',
  f: 'ϜϝƑƒꜰքẝꓝꞘꞙꬵ𐊇𐊥𐔥𑢢𑣂',
  g: 'ԌԍɡƓɠɢʛցᶃᏀᏳꓖ',
  h: 'ΗηНнҺһҢңĦħɦʜհᎻᏂᕼⲎⲏꓧ𐋏',
  i: 'ΙιІіӀӏıɩɪɨᵻᎥⵏꙇ⍳ꓲ𑣃',
  j: 'ЈјϳȷɉɟᴊյᒍᎫꓙꞲ',
  k: 'ΚκКкҚқӃӄĸƘƙᴋᏦᛕⲔⲕꓗ𐔘',
  l: '\u05d5\u05df\u0627\u0661\u06f1ǀƖŁłʟɫɭᛁ∣⏽ᏞᒪⲒⲓⳐⳑꓡꓲ￨𐊊𐌉𐌠𐐛𐔦𖼖𖼨𑢣𑢲',
  m: 'ΜμМмӍӎɱᴍᎷᗰᛖⲘⲙꓟ𐊰𐌑',
  n: 'ΝŊŋƝɲɴոռղᎠⲚⲛꓠ𐔓',
  o: 'ΟοΣσОоѲѳӨөØøᴏᴑɵՕօⲞⲟⵔ〇ꓳဝჿ\u05e1\u0647\u0665\u06f5०০੦૦ଠ୦௦ంಂം౦೦ഠ൦ං๐໐၀ዐꬽ𐊒𐊫𐐄𐐬𐓂𐓪𐔖𑓐𑢵𑣈𑣗𑣠',
  p: 'ΡρϱРрƤƥᴘᏢᑭⲢⲣꓑ⍴𐊕',
  q: 'ԚԛʠգզⵕɊɋ',
  r: 'ΓГгҐґƦʀɽɾᴦᎡᏒᖇⲄⲅꓣꭇꭈꮁ𐒴𖼵',
  s: 'ЅѕʂꜱƽƧƨᏕᏚՏꓢꮪ𐊖𐐠𐑈𖼺𑣁',
  t: 'ΤτТтҬҭŦŧƬƭᴛᎢ⊤⟙Ⲧⲧꓔ𐊗𐊱𐌕𖼊𑢼',
  u: 'υʋᴜսՍሀᑌ∪⋃ꓴꞟꭎꭒ𐓎𐓶𖽂𑢸𑣘',
  v: 'νѴѵᴠ\u06f7Ꮩᐯ∨⋁ⴸꓦꛟꮩ𐔝𖼈𑢠𑣀',
  w: 'ԜԝѠѡɯᴡաᎳᏔꓪꮃ𑜊𑜎𑜏𑣦𑣯',
  x: 'ΧχХхҲҳ×᙭ᕁᕽ᙮ᚷ╳⤫⤬⨯ⲬⲭⵝꓫꞳ𐊐𐊴𐌗𐌢𐔧𑣬',
  y: 'ΥϒγУуҮүҰұӮӯƳƴɣʏყᶌỿᎩᎽℽⲨⲩꓬꭚ𐊲𖽃𑢤𑣜',
  z: 'ΖζƵƶʐᴢᏃꓜꮓ𐋵𑢩𑣄𑣥',
  2: 'ᒿꛯꝚꝛ',
  3: 'ЗзӠӡƷʒȜȝⳌⳍꝪꝫꞫ𑣊𖼻',
  5: 'Ƽ𑢻',
  8: 'Ȣȣ৪੪ଃ𐌚',
  9: '৭੧୨൭ⳊⳋꝮꝯ𑢬𑣌𑣖',
  æ: 'ӔӕÆ',
  œ: 'Œ',
  ß: 'ẞ',
  п: 'Ππ',
  ф: 'Φφ',
};

/** Ranges of scripts with upper case. Their letters become lower case unless the table above maps them. */
const cased: [number, number][] = [
  [0x00c0, 0x058f],
  [0x10a0, 0x13ff],
  [0x1c80, 0x1fff],
  [0x2c00, 0x2dff],
  [0xa640, 0xa7ff],
  [0x10400, 0x104ff],
];

/**
 * Maps letters to their lookalikes before and after decomposition: the lunate sigma looks like a C but decomposes to a
 * sigma. Names in ASCII skip this. Trademark signs are removed first, because NFKD would turn them into letters.
 */
function fold(): string {
  const all = new Map<string, string>();
  for (const [look, letters] of Object.entries(looks))
    for (const letter of letters) all.set(letter, look);
  for (const [letter, look] of [...all])
    for (const other of [letter.toLowerCase(), letter.toUpperCase()])
      if (isOneBeyondAscii(other) && !all.has(other) && !(other in looks)) all.set(other, look);
  for (const letter of cased.flatMap((ends) => charactersOf(...ends))) {
    const small = letter.toLowerCase();
    if (small !== letter && isOneBeyondAscii(small) && !all.has(letter))
      all.set(letter, all.get(small) ?? small);
  }
  const [from, to] = [`${[...all.keys()].join('')}™℠®©`, [...all.values()].join('')];
  return `if octet_length(look) > char_length(look) then
      look := translate(normalize(translate(look, '${from}', '${to}'), NFKD), '${from}', '${to}');
      look := replace(replace(replace(look, 'æ', 'ae'), 'œ', 'oe'), 'ß', 'ss');
    end if;`;
}

const isOneBeyondAscii = (text: string): boolean =>
  [...text].length === 1 && (text.codePointAt(0) ?? 0) > 0x7f;

const charactersOf = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at));

/** ASCII punctuation, symbols and spaces, for a character class of a regular expression. */
const signs = '\\x01-/:-@[-`{-\\x7f';

/** Spaces, punctuation, symbols, accents, vowel points, and what is invisible or reads as an apostrophe. */
const adornment =
  /[\p{P}\p{S}\p{Z}\p{Cf}\p{Me}\u02b9-\u02ff\u0483-\u0487]|(?![\u3099\u309a])(?=\p{M})[\p{Script=Inherited}\p{Script=Hebrew}\p{Script=Arabic}]/u;

/**
 * The characters to drop, as a regular expression of Postgres. Marks of other scripts spell vowels (Devanagari) or
 * distinguish letters (kana), so they are dropped only after an ASCII letter.
 */
const dropped = () => `[${signs}${classOf(adornment)}]|(?<=[a-z0-9])[${classOf(/\p{M}/u)}]+`;

/** The characters outside ASCII that match a property, as ranges of a character class. */
function classOf(property: RegExp): string {
  const ranges: [number, number][] = [];
  for (let code = 0x80; code <= 0xe0fff; code++) {
    if (code === 0xd800) code = 0xe000;
    if (code === 0x20000) code = 0xe0000;
    if (!property.test(String.fromCodePoint(code))) continue;
    const last = ranges.at(-1);
    if (last?.[1] === code - 1) last[1] = code;
    else ranges.push([code, code]);
  }
  return ranges.map((ends) => ends.map(escaped).join('-')).join('');
}

const escaped = (code: number) => `\\U${code.toString(16).padStart(8, '0')}`;
