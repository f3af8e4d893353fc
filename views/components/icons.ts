// Drawn with strokes on a square of 24; color and size come from the surrounding text.
import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

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

export const agentIcon = icon(
  html`<rect x="5" y="8" width="14" height="11" rx="2.5"/><path d="M12 8V4.5M9.5 13v1.5M14.5 13v1.5M2.5 12v3.5M21.5 12v3.5"/><circle cx="12" cy="4" r="0.75"/>`,
);

export const terminalIcon = icon(
  html`<rect x="3.5" y="5" width="17" height="14" rx="2.5"/><path d="M7.5 10l2.5 2-2.5 2M12.5 14.5h4"/>`,
);

export const screenIcon = icon(
  html`<rect x="3.5" y="4.5" width="17" height="12" rx="2"/><path d="M9 20h6M12 16.5V20"/>`,
);

export const serverIcon = icon(
  html`<rect x="4" y="4.5" width="16" height="6.5" rx="2"/><rect x="4" y="13" width="16" height="6.5" rx="2"/><path d="M7.75 7.75v.01M7.75 16.25v.01"/>`,
);

export const globeIcon = icon(
  html`<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c5 5 5 12 0 17c-5-5-5-12 0-17z"/>`,
);

export const globeServerIcon = icon(
  html`<circle cx="12" cy="8" r="5"/><path d="M7 8h10M12 3c3 3 3 7 0 10c-3-3-3-7 0-10z"/><rect x="4" y="16" width="16" height="5" rx="1.75"/><path d="M7.25 18.5v.01"/>`,
);

export const phoneIcon = icon(
  html`<rect x="7" y="3.5" width="10" height="17" rx="2.5"/><path d="M11 17.5h2"/>`,
);

export const appIcon = icon(
  html`<rect x="4" y="4" width="6.5" height="6.5" rx="1.75"/><rect x="13.5" y="4" width="6.5" height="6.5" rx="1.75"/><rect x="4" y="13.5" width="6.5" height="6.5" rx="1.75"/><path d="M16.75 13.75v6M13.75 16.75h6"/>`,
);

export const keyIcon = icon(
  html`<circle cx="8" cy="15.5" r="4"/><path d="M11 12.75L19.5 4.5M16 8l2.75 2.75"/>`,
);

export const mailIcon = icon(
  html`<rect x="3.5" y="5.5" width="17" height="13" rx="2.5"/><path d="M4.5 7.5l7.5 6 7.5-6"/>`,
);
