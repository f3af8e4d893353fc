import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** The person who created a credential. */
export interface CreatorShown {
  /** Empty if the account has no name or is deleted. */
  name: string;
}

/** The name, after “by”. */
export const creatorName = ({ name }: CreatorShown): Html =>
  name ? html`<bdi>${name}</bdi>` : html`a person without a name`;
