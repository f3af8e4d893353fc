/** The languages of the pages that people meet when they sign in, and of the emails to them. */
import { de } from './de.ts';
import { en, type Messages } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { ja } from './ja.ts';
import type { Language } from './language.ts';
import { ptBR } from './pt-br.ts';

export type { Messages } from './en.ts';

/** By the tag of the language (BCP 47). */
export const catalogues: Record<Language, Messages> = { en, de, fr, es, 'pt-BR': ptBR, ja };
