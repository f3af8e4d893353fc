/**
 * Makes tabs of the panels of `views/components/code-tabs.ts`, with the keys of the ARIA tabs pattern. The chosen
 * language is kept in the browser, and applies to every set of tabs.
 */
export const tabsScript = `
(() => {
  const sets = [];
  const recall = () => { try { return localStorage.getItem('language'); } catch { return null; } };
  const keep = (label) => { try { localStorage.setItem('language', label); } catch {} };
  const choose = (label, focused) => {
    for (const { tabs, panels } of sets) {
      const chosen = tabs.findIndex((tab) => tab.textContent === label);
      if (chosen < 0) continue;
      tabs.forEach((tab, index) => {
        tab.setAttribute('aria-selected', String(index === chosen));
        tab.tabIndex = index === chosen ? 0 : -1;
        panels[index].hidden = index !== chosen;
      });
      if (tabs.includes(focused)) tabs[chosen].focus();
    }
  };
  for (const set of document.querySelectorAll('.code-tabs')) {
    const panels = [...set.querySelectorAll('.code-panel')];
    const list = document.createElement('div');
    list.setAttribute('role', 'tablist');
    list.setAttribute('aria-label', 'Language');
    const tabs = panels.map((panel) => {
      const heading = panel.querySelector('h3');
      const tab = document.createElement('button');
      tab.type = 'button';
      tab.id = panel.id + '-tab';
      tab.textContent = heading.textContent;
      tab.setAttribute('role', 'tab');
      tab.setAttribute('aria-controls', panel.id);
      tab.addEventListener('click', () => { keep(tab.textContent); choose(tab.textContent); });
      panel.setAttribute('role', 'tabpanel');
      panel.setAttribute('aria-labelledby', tab.id);
      heading.hidden = true;
      return tab;
    });
    list.addEventListener('keydown', (event) => {
      const at = tabs.indexOf(event.target);
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (at < 0 || next === undefined) return;
      event.preventDefault();
      const { textContent } = tabs[(next + tabs.length) % tabs.length];
      keep(textContent);
      choose(textContent, event.target);
    });
    list.append(...tabs);
    set.prepend(list);
    sets.push({ tabs, panels });
    choose(tabs[0].textContent);
  }
  choose(recall());
})();
`;
