// What the cases of all pages are made of.
import type { Brand, Frame, Html } from '../../views/layout/frame.ts';
import { catalogues } from '../../views/messages/index.ts';

export const now = new Date('2026-11-22T04:30:00Z');
export const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
export const ahead = (seconds: number) => new Date(now.getTime() + seconds * 1000);
export const minute = 60;
export const hour = 3600;
export const day = 86_400;

/** A name that would be a program, were it not escaped, and one that is read from right to left. */
export const hostile = `<script>alert("1")</script>'&amp;`;
export const arabic = 'مطوّر البرامج ‏(اختبار)';
export const long = (word: string, length: number) =>
  word.repeat(Math.ceil(length / word.length)).slice(0, length);
export const unbroken = long('Donaudampfschifffahrtsgesellschaft', 200);

export const ada = { name: 'Ada Lovelace', email: 'ada@example.com' };

export interface Case {
  name: string;
  /** Pictures of it are made for both themes, on a screen and on a phone. */
  everyday?: boolean;
  page(brand: Brand): Html;
}

type Part = Partial<Omit<Frame, 'brand'>>;

export const frame = (brand: Brand, part: Part = {}): Frame => ({
  brand,
  messages: catalogues.en,
  csrf: 'csrf-value',
  now,
  ...part,
});

export const one = (name: string, page: (brand: Brand) => Html, everyday = false): Case => ({
  name,
  page,
  everyday,
});
export const everyday = (name: string, page: (brand: Brand) => Html) => one(name, page, true);

export const signedIn: Part = { person: ada };
export const extremePerson: Part = {
  person: { name: `${hostile} ${unbroken}`, email: `${long('a', 60)}@${long('example.', 180)}com` },
  notice: `Done: ${unbroken}`,
};
export const at = (current: NonNullable<Frame['current']>, part: Part = signedIn): Part => ({
  ...part,
  current,
});
/** A brand can be called anything, too. */
export const worst = (brand: Brand): Brand => ({
  ...brand,
  name: `${hostile} ${long('Wachstum', 38)}`,
});
