/** Which of some languages a request wants. Tags are those of BCP 47. */

/** Tags that are read of one header or parameter. */
const maxTags = 20;

/**
 * The first of `languages` that one of the wanted tags names, in the order of the wanted ones (RFC 4647 §3.4): `de-AT` is
 * served by `de`. A language that only exists for one country also serves the others: `pt-PT` by `pt-BR`.
 */
export function lookUpLanguage<Language extends string>(
  wanted: readonly string[],
  languages: readonly Language[],
): Language | undefined {
  for (const tag of wanted.slice(0, maxTags)) {
    const parts = tag.toLowerCase().split('-');
    for (let length = parts.length; length > 0; length--) {
      const range = parts.slice(0, length).join('-');
      const found = languages.find((language) => language.toLowerCase() === range);
      if (found) return found;
    }
    const found = languages.find((language) => language.toLowerCase().split('-')[0] === parts[0]);
    if (found) return found;
  }
  return undefined;
}

/** A list of tags between spaces, as `ui_locales` has it (OpenID Connect Core §3.1.2.1). What is no tag is left out. */
export const languageTags = (text: string): string[] =>
  text.split(' ').filter((tag) => tagForm.test(tag));

const tagForm = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}$/;

/** The tags of `Accept-Language` (RFC 9110 §12.5.4), the most wanted one first. */
export function acceptedLanguages(header: string): string[] {
  return header
    .slice(0, 1000)
    .split(',')
    .slice(0, maxTags)
    .flatMap((part) => {
      const [tag = '', weight = 'q=1'] = part.split(';').map((each) => each.trim());
      const quality = Number(/^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(weight)?.[1] ?? 0);
      return tagForm.test(tag) && quality > 0 ? [{ tag, quality }] : [];
    })
    .sort((one, other) => other.quality - one.quality)
    .map(({ tag }) => tag);
}
