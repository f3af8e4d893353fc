import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** A picture in a circle, which says at a glance how something ended. */
export const symbol = (icon: Html, mood: 'good' | 'neutral' | 'bad'): Html =>
  html`<div class="symbol ${mood}">${icon}</div>`;
