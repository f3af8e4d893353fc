/**
 * Shows the buttons of `views/components/copy.ts` and lets them copy. If the browser refuses the clipboard, as it does
 * on plain http, the text is selected instead.
 */
export const copyScript = `'use strict';
for (const button of document.querySelectorAll('button.copy')) {
  const source = button.parentElement.querySelector('code');
  const [label, status] = [button.querySelector('.copy-label'), button.parentElement.querySelector('.copy-told')];
  let pause;
  const say = (short, long) => {
    clearTimeout(pause);
    [label.textContent, status.textContent] = [short, long];
    pause = setTimeout(() => { [label.textContent, status.textContent] = ['Copy', '']; }, 4000);
  };
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      say('Copied', 'Copied');
    } catch {
      getSelection().selectAllChildren(source);
      say('Selected', 'Selected: copy it with your keyboard, or by a long press');
    }
  });
  button.hidden = false;
}
`;
