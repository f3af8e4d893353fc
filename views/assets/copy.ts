/**
 * The one script that pages load: it shows the buttons of `views/components/copy.ts` and lets them copy. Where
 * a browser keeps the clipboard to itself, as it does on plain http, the text is marked instead.
 */
export const copyScript = `'use strict';
for (const button of document.querySelectorAll('button.copy')) {
  const source = button.parentElement.querySelector('code');
  const [label, told] = [button.querySelector('.copy-label'), button.parentElement.querySelector('.copy-told')];
  let pause;
  const say = (short, long) => {
    clearTimeout(pause);
    [label.textContent, told.textContent] = [short, long];
    pause = setTimeout(() => { [label.textContent, told.textContent] = ['Copy', '']; }, 4000);
  };
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      say('Copied', 'Copied');
    } catch {
      getSelection().selectAllChildren(source);
      say('Marked', 'Marked: copy it with your keyboard, or by a long press');
    }
  });
  button.hidden = false;
}
`;
