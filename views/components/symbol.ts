import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** An icon in a circle that shows an outcome. */
export const symbol = (icon: Html, mood: 'good' | 'neutral' | 'bad'): Html =>
  html`<div class="symbol ${mood}">${icon}</div>`;
