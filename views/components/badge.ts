import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** A word about a state. */
export const badge = (text: string, mood: 'bad' | 'care' | 'neutral'): Html =>
  html`<span class="badge ${mood}"><bdi>${text}</bdi></span>`;

export const disabledBadge = badge('Disabled', 'bad');
