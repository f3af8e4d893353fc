/** The languages that pages can be shown in, as tags of BCP 47. */
export type Language = 'en' | 'de' | 'fr' | 'es' | 'pt-BR' | 'ja';
