/** WHAT APPS READ ABOUT A PERSON (OpenID Connect Core §5.1): the rules for each field of a profile. */
import type { PostalAddress } from '../../../db/schema.ts';
import { checkEach } from '../../oauth/check-each.ts';
import { parameterError } from '../../oauth/errors.ts';
import { readClientUri } from '../clients/web-uris.ts';
import { displayName } from '../names/display-names.ts';

/** Maximum length of a given name, family name or nickname, in characters as people count them. */
export const nameLength = 100;

/** Maximum length of the URL of a picture. */
export const pictureLength = 500;

/** Maximum length of a part of an address. */
export const addressPartLength = 300;

/** Maximum size of all attributes of an account, in bytes of JSON. */
export const attributesSize = 8 * 1024;

/** The fields that people can change themselves, beyond their name. Null: none. */
export interface PersonalProfile {
  given_name: string | null;
  family_name: string | null;
  nickname: string | null;
  /** An https URL. */
  picture: string | null;
  /** A language tag (BCP 47), such as `en-GB`. */
  locale: string | null;
  /** A time zone of the IANA database, such as `Europe/London`. */
  zoneinfo: string | null;
  /** In E.164: `+` and digits. */
  phone_number: string | null;
}

/** The fields of a profile. */
export interface Profile extends PersonalProfile {
  phone_number_verified: boolean;
  address: PostalAddress | null;
}

const shownName = (parameter: string) => (text: string, before: string | null) =>
  displayName(text, { parameter, maxLength: nameLength, before });

const refuse = (parameter: string, problem: string): never => {
  throw parameterError('invalid_request', parameter, problem);
};

/** Each field in the form that is stored. Throws `invalid_request` for the field. */
const rules: {
  [Field in keyof PersonalProfile]: (text: string, before: string | null) => string;
} = {
  given_name: shownName('given_name'),
  family_name: shownName('family_name'),
  nickname: shownName('nickname'),

  picture(text) {
    const read = readClientUri('It', text);
    if ('problem' in read)
      return refuse('picture', `must be the URL of a picture. ${read.problem}`);
    if (read.url.protocol !== 'https:') return refuse('picture', 'must begin with https://.');
    if (text.length > pictureLength)
      return refuse('picture', `is longer than ${pictureLength} characters.`);
    return text;
  },

  locale(text) {
    try {
      const [tag] = text.length <= 35 ? Intl.getCanonicalLocales(text) : [];
      if (tag !== undefined) return tag;
    } catch {
      // Not a language tag.
    }
    return refuse('locale', 'must be a language tag, such as en or pt-BR.');
  },

  zoneinfo(text) {
    const isName = /^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(text) && text.length <= 64;
    try {
      if (isName) return new Intl.DateTimeFormat('en', { timeZone: text }) && text;
    } catch {
      // Not a time zone.
    }
    return refuse('zoneinfo', 'must be a time zone, such as Europe/London.');
  },

  phone_number(text) {
    const digits = text.replace(/[\s().\-\u2010-\u2015]/g, '');
    return /^\+[1-9]\d{4,14}$/.test(digits)
      ? digits
      : refuse('phone_number', 'must be an international number, such as +44 20 7946 0018.');
  },
};

/**
 * The changes of a profile in the form that is stored; empty texts remove their field. Values of `before` are accepted
 * unchanged. Throws `invalid_request` with a problem for each wrong field.
 */
export async function checkedProfile(
  changes: Partial<PersonalProfile>,
  before?: PersonalProfile,
): Promise<Partial<PersonalProfile>> {
  const checked: Partial<PersonalProfile> = {};
  const checks = (Object.keys(rules) as (keyof PersonalProfile)[]).map(
    (field) =>
      [
        field,
        () => {
          const given = changes[field];
          if (given === undefined) return;
          const text = given?.trim() || null;
          const kept = before?.[field] ?? null;
          checked[field] = text === null || text === kept ? text : rules[field](text, kept);
        },
      ] as const,
  );
  await checkEach(Object.fromEntries(checks));
  return checked;
}

/** Throws `invalid_request` for attributes that are too large. */
export function checkAttributes(attributes: Record<string, unknown> | undefined): void {
  if (attributes && Buffer.byteLength(JSON.stringify(attributes)) > attributesSize)
    refuse('attributes', `must not exceed ${attributesSize / 1024} KiB of JSON.`);
}
