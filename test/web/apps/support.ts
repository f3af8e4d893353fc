import { expect } from '@jest/globals';
import { sql } from 'kysely';
import type { AppActor } from '../../../src/domain/apps/types.ts';
import * as apps from '../../support/apps.ts';
import { signedIn } from '../../support/people.ts';
import { type Stack, unique } from '../../support/stacks.ts';
import type { Page, Visitor } from '../../support/visitor.ts';

export const operator: AppActor = { kind: 'operator' };

/** Somebody who is signed in. */
type SignedIn = Awaited<ReturnType<typeof signedIn>>;

export interface TestApp extends apps.TestApp {
  owner: SignedIn;
  /** Somebody signed in who has this role in the app. */
  member(role: string): Promise<SignedIn>;
}

/** An app, and its Owner, signed in. */
export async function makeApp(stack: Stack): Promise<TestApp> {
  const owner = await signedIn(stack, { name: 'Olive Owner' });
  const displayName = unique('Acme').replace('-', ' ');
  const app = await apps.makeApp(stack, { owner, displayName });
  return {
    ...app,
    owner,
    async member(role) {
      const person = await signedIn(stack, { name: `Mia ${role}` });
      await stack.domain.appMembers.set(operator, app.name, person.accountId, role);
      return person;
    },
  };
}

/** Lets every sign-in have been so many hours ago. */
export async function ageSignIns({ database }: Pick<Stack, 'database'>, hours = 2): Promise<void> {
  await database.kysely
    .updateTable('session')
    .set({ signed_in_at: sql<Date>`now() - ${hours} * interval '1 hour'` })
    .execute();
}

/** Lets whatever a form made have been made two minutes ago. */
export async function ageAnswers({ database }: Pick<Stack, 'database'>): Promise<void> {
  await sql`update redemption set redeemed_at = redeemed_at - interval '2 minutes',
    expires_at = expires_at - interval '2 minutes'`.execute(database.kysely);
}

const entities: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

/** Text of a page as a browser reads it. */
export const unescaped = (text: string): string =>
  text.replace(/&(lt|gt|quot|#39|amp);/g, (entity) => entities[entity] ?? entity);

/** The code that stands on a page under a label, as whoever copies it has it. */
export function codeOf({ text }: Pick<Page, 'text'>, label: string): string {
  const [, after] = text.split(`<figcaption>${label}</figcaption>`);
  const code = /<pre[^>]*><code>([\s\S]*?)<\/code><\/pre>/.exec(after ?? '')?.[1];
  if (code === undefined) throw new Error(`the page has no code ${label}: ${text}`);
  return unescaped(code);
}

/** The client secret that a page shows. */
export const secretOf = ({ text }: Pick<Page, 'text'>): string =>
  /writ_cs_[A-Za-z0-9]+/.exec(text)?.[0] ?? '';

/** What a field of a page's form is filled with; of a choice what is chosen. */
export function filledIn({ text }: Pick<Page, 'text'>, field: string): string | undefined {
  const area = new RegExp(`<textarea[^>]*name="${field}"[^>]*>([\\s\\S]*?)</textarea>`).exec(text);
  if (area) return unescaped(area[1] ?? '');
  const select = new RegExp(`<select[^>]*name="${field}"[^>]*>([\\s\\S]*?)</select>`).exec(text);
  const inputs = [...text.matchAll(/<(input|option)[^>]*>/g)].map(([tag]) => tag);
  const chosen = select
    ? [...(select[1] ?? '').matchAll(/<option[^>]*>/g)]
        .map(([tag]) => tag)
        .find((tag) => /\sselected/.test(tag))
    : inputs.find(
        (tag) =>
          tag.includes(`name="${field}"`) &&
          (!/type="(radio|checkbox)"/.test(tag) || /\schecked/.test(tag)),
      );
  const value = /\svalue="([^"]*)"/.exec(chosen ?? '')?.[1];
  return value === undefined ? undefined : unescaped(value);
}

/** Asserts that an answer leads to a path, and what is said there. */
export async function expectDone(
  visitor: Visitor,
  answer: Page,
  path: string,
  words: string | RegExp,
): Promise<Page> {
  expect([answer.status, new URL(answer.location ?? '', 'http://x').pathname]).toEqual([303, path]);
  const page = await visitor.follow(answer);
  expect(page.words).toMatch(words);
  return page;
}
