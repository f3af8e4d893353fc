import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** The person who created a credential. */
export interface CreatorShown {
  /** Empty where the account has none, or is deleted. */
  name: string;
}

/** What stands after “by”. */
export const creatorName = ({ name }: CreatorShown): Html =>
  name ? html`<bdi>${name}</bdi>` : html`a person whose account has no name`;
