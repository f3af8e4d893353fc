/** Continues to the app once its frames are loaded (`views/sign-in/sign-out.ts`). Without it, people use the link. */
export const signedOutScript = `'use strict';
const link = document.querySelector('a[data-continues-after]');
const go = () => location.replace(link.href);
addEventListener('load', go);
setTimeout(go, 1000 * Number(link.dataset.continuesAfter));
`;
