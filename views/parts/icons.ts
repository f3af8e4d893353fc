// Drawn with strokes on a square of 24; colour and size come from the text that they stand in.
import { html } from 'hono/html';
import type { Html } from './frame.ts';

const icon = (drawing: Html): Html =>
  html`<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${drawing}</svg>`;

export const checkIcon = icon(html`<path d="M5 12.5l4.5 4.5L19 7.5"/>`);

export const crossIcon = icon(html`<path d="M7 7l10 10M17 7L7 17"/>`);

export const clockIcon = icon(html`<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>`);

export const warningIcon = icon(
  html`<path d="M12 4.5L3.5 19h17z"/><path d="M12 10.5v3.5M12 16.75v.01"/>`,
);

export const infoIcon = icon(
  html`<circle cx="12" cy="12" r="8.5"/><path d="M12 11.25v4.5M12 8.25v.01"/>`,
);

export const shieldIcon = icon(
  html`<path d="M12 3.5l7 2.5v5.5c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6z"/><path d="M9 12l2.25 2.25L15.25 10"/>`,
);

export const terminalIcon = icon(
  html`<rect x="3.5" y="5" width="17" height="14" rx="2.5"/><path d="M7.5 10l2.5 2-2.5 2M12.5 14.5h4"/>`,
);

export const screenIcon = icon(
  html`<rect x="3.5" y="4.5" width="17" height="12" rx="2"/><path d="M9 20h6M12 16.5V20"/>`,
);
