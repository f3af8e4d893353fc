/** The languages that the pages of a sign-in and the emails to people have, as tags of BCP 47. English is their source. */
export const languages = ['en', 'de', 'fr', 'es', 'pt-BR', 'ja'] as const;

export type Language = (typeof languages)[number];

/** Parses LANGUAGES: tags between commas, in the order of the installation. */
export function readLanguages(text: string): { languages: Language[] } | { problem: string } {
  const given = text.split(',').map((tag) => tag.trim());
  const read: Language[] = [];
  for (const tag of given) {
    const found = languages.find((language) => language.toLowerCase() === tag.toLowerCase());
    if (!found)
      return {
        problem: `must be languages among ${languages.join(', ')}, separated by commas; ${JSON.stringify(tag.slice(0, 100))} is not`,
      };
    if (!read.includes(found)) read.push(found);
  }
  return { languages: read };
}
