/**
 * The script of the API reference: it sends calls and shows their responses. Tokens stay in its variables, and go
 * nowhere but into the `Authorization` header of calls to this server.
 */
export const referenceScript = `'use strict';
{
  const panel = document.querySelector('.token-panel');
  const own = document.getElementById('own-token');
  const issue = document.querySelector('form[data-token]');
  let session;

  class Refused extends Error {}

  const sessionToken = async () => {
    if (session && session.until > Date.now()) return session;
    const response = await fetch(issue.action, {
      method: 'POST', body: new URLSearchParams(new FormData(issue)), redirect: 'manual', credentials: 'same-origin',
    });
    if (response.type === 'opaqueredirect') {
      panel.querySelector('.sign-in-again').hidden = false;
      throw new Refused('Confirm your password first: the link is in the box “Try it”, above the first operation of this page.');
    }
    if (!response.ok)
      throw new Refused(response.status === 403 ? 'Your account cannot have a token for this API, or this page is out of date: reload it and try again.' : 'The server did not create a token: it returned ' + response.status + '. Try again later.');
    const { access_token: value, expires_in: seconds, scope } = await response.json();
    session = { value, scopes: scope.split(' '), until: Date.now() + (seconds - 30) * 1000 };
    return session;
  };

  const tokenFor = async ({ dataset: { scope } }) => {
    const pasted = own.value.trim();
    if (pasted) return pasted;
    if (!issue) throw new Refused('Sign in or paste a token first: the box “Try it” is above the first operation of this page.');
    const { value, scopes } = await sessionToken();
    if (scope && !scopes.includes(scope))
      throw new Refused('This call needs the scope ' + scope + '. The token that was created for you has no such scope, because it can only read. Paste a token that has it into “Another token or API key”, above the first operation of this page.');
    return value;
  };

  const addressOf = (form) => {
    let path = form.getAttribute('action');
    const query = new URLSearchParams();
    for (const field of form.elements) {
      const { name, value, dataset: { in: place } } = field;
      if (place === 'path') path = path.replace('{' + name + '}', encodeURIComponent(value));
      if (place === 'query' && value) query.append(name, value);
    }
    return query.size > 0 ? path + '?' + query : path;
  };

  const bodyOf = (form) => {
    const text = form.querySelector('[data-in=body]')?.value.trim();
    if (!text) return undefined;
    try { JSON.parse(text); } catch (error) { throw new Refused('The body is not JSON: ' + error.message); }
    return text;
  };

  const call = async (form) => {
    const headers = {};
    for (const field of form.querySelectorAll('[data-in=header]')) if (field.value) headers[field.name] = field.value;
    const body = bodyOf(form);
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (!('open' in form.dataset)) headers.Authorization = 'Bearer ' + await tokenFor(form);
    return fetch(addressOf(form), { method: form.dataset.method, headers, body, credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' });
  };

  const element = (name, text, attributes = {}) => {
    const created = document.createElement(name);
    created.textContent = text;
    for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, value);
    return created;
  };

  const show = async (result, response) => {
    const text = await response.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch {}
    const status = element('p', response.status + ' ' + response.statusText, { class: response.ok ? 'status good' : 'status bad' });
    const tag = response.headers.get('etag');
    result.replaceChildren(status, ...(tag ? [element('p', 'ETag: ' + tag, { class: 'sub' })] : []));
    if (!shown) return;
    const scroll = element('div', '', { class: 'code-scroll', role: 'region', 'aria-label': 'Response', tabindex: '0' });
    const pre = element('pre', '');
    pre.append(element('code', shown));
    scroll.append(pre);
    result.append(scroll);
  };

  for (const details of document.querySelectorAll('details.try')) {
    const form = details.querySelector('form');
    const result = details.querySelector('.result');
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const button = form.querySelector('button');
      button.disabled = true;
      result.replaceChildren(element('p', 'Sending…', { class: 'sub' }));
      try {
        await show(result, await call(form));
      } catch (error) {
        const text = error instanceof Refused ? error.message : 'The server cannot be reached.';
        result.replaceChildren(element('p', text, { class: 'status bad' }));
      }
      button.disabled = false;
    });
    details.hidden = false;
  }
  if (panel) panel.hidden = false;
}
`;
