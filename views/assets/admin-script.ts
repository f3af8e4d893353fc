/** The console: the key `/` goes to the search, wherever no text is being entered. */
export const adminScript = `'use strict';
const search = document.getElementById('console-q');
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, textarea, select, [contenteditable]')) return;
  event.preventDefault();
  search.focus();
  search.select();
});
`;
