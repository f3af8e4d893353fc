/**
 * Creates and uses passkeys in the browser (WebAuthn). A form with `data-passkey` (`views/components/passkey.ts`) is shown if the
 * browser has passkeys: `create` or `get`, with the options from `options` below its action, and the answer in its field
 * `credential`. `data-messages` has what the form says, by the name of an error. With `data-autofill`, browsers also offer passkeys in the email field; that request is renewed before its challenge
 * expires. Browsers that know the signals drop a passkey that was removed here. Older ones lack the conversions from and to JSON
 * (WebAuthn §5.1.8 to §5.1.10), so they are made by hand.
 */
export const passkeysScript = `'use strict';
(() => {
  if (typeof PublicKeyCredential !== 'function' || !navigator.credentials) return;
  const renewal = 4 * 60 * 1000;
  const toBytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
  const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const withBytes = (list = []) => list.map((one) => ({ ...one, id: toBytes(one.id) }));

  const parsers = {
    get: (options) => PublicKeyCredential.parseRequestOptionsFromJSON?.(options) ?? {
      ...options, challenge: toBytes(options.challenge), allowCredentials: withBytes(options.allowCredentials),
    },
    create: (options) => PublicKeyCredential.parseCreationOptionsFromJSON?.(options) ?? {
      ...options, challenge: toBytes(options.challenge), excludeCredentials: withBytes(options.excludeCredentials),
      user: { ...options.user, id: toBytes(options.user.id) },
    },
  };

  const toJSON = (credential) => {
    try {
      return credential.toJSON();
    } catch {
      const { id, type, response } = credential;
      const fields = {};
      for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'])
        if (response[name]) fields[name] = toText(response[name]);
      if (response.getTransports) fields.transports = response.getTransports();
      return { id, rawId: toText(credential.rawId), type, response: fields };
    }
  };

  const optionsOf = async (form, kind) => {
    const answer = await fetch(form.action + '/options', { headers: { accept: 'application/json' } }).catch(() => undefined);
    if (!answer?.ok || answer.redirected) throw Object.assign(new Error(), { name: 'stale' });
    return parsers[kind](await answer.json());
  };

  let waiting;
  const ask = async (form, mediation) => {
    const kind = form.dataset.passkey;
    waiting?.abort();
    const mine = waiting = new AbortController();
    const publicKey = await optionsOf(form, kind);
    if (mine.signal.aborted) return;
    const credential = await navigator.credentials[kind]({ publicKey, signal: mine.signal, ...(mediation && { mediation }) });
    if (!credential) return;
    form.elements.credential.value = JSON.stringify(toJSON(credential));
    form.submit();
  };

  const offer = async (form) => {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    let timer;
    const again = () => {
      clearTimeout(timer);
      timer = setTimeout(again, renewal);
      ask(form, 'conditional').catch(() => {});
    };
    again();
    return again;
  };

  for (const form of document.querySelectorAll('form[data-passkey]')) {
    const [status, button] = [form.querySelector('[role=status]'), form.querySelector('button')];
    const messages = JSON.parse(form.dataset.messages);
    let renew;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      status.textContent = '';
      button.disabled = true;
      try {
        await ask(form);
      } catch (error) {
        if (error.name !== 'AbortError') status.textContent = messages[error.name] ?? messages.NotAllowedError;
        renew?.();
      }
      button.disabled = false;
    });
    form.hidden = false;
    for (const other of document.querySelectorAll('[data-without-passkeys]')) other.hidden = true;
    if ('autofill' in form.dataset) offer(form).then((again) => { renew = again; }, () => {});
  }

  const signal = document.querySelector('[data-passkey-signal]');
  if (signal) {
    const { name, ...details } = JSON.parse(signal.dataset.passkeySignal);
    PublicKeyCredential[name]?.(details).catch(() => {});
  }
})();
`;
