import type { Mails } from './en.ts';

/** GERMAN emails; the glossary is that of the pages. Whom people ask stands in the accusative. */
export const mails: Mails = {
  hello: (name) => (name ? `Guten Tag, ${name},` : 'Guten Tag,'),
  automatic: (brand) =>
    `${brand} hat diese E-Mail automatisch gesendet. Antworten werden nicht gelesen.`,
  help: (addresses) => `Hilfe: ${addresses}`,
  support: (brand, addresses) => `den Support von ${brand} (${addresses})`,
  administrator: (brand) => `einen Administrator von ${brand}`,
  or: (one, other) => `${one} oder ${other}`,
  facts: {
    code: 'Code',
    codeExpires: 'Code gültig bis',
    linkExpires: 'Link gültig bis',
    browser: 'Browser',
    ip: 'IP-Adresse',
    requestedFrom: 'Angefordert von',
    signedIn: 'Angemeldet',
    set: 'Festgelegt',
    changed: 'Geändert',
  },
  links: {
    signIn: 'Anmelden',
    changePassword: 'Passwort ändern',
    account: 'Konto prüfen',
    connected: 'Verbundene Apps und Geräte prüfen',
    tokens: 'Tokens prüfen',
  },
  ifYou: 'Wenn Sie das waren, müssen Sie nichts tun.',
  ignore: 'Wenn Sie das nicht erwartet haben, müssen Sie nichts tun.',
  signInCode: {
    subject: 'Ihr Anmeldecode',
    opening:
      'Jemand hat Ihr Passwort in einem Browser eingegeben, der für Ihr Konto noch nie verwendet wurde. Um fortzufahren, geben Sie dort diesen Code ein.',
    secret: 'Geben Sie den Code nie weiter. Auch der Support benötigt ihn nicht.',
    ifNotYou: (contact) =>
      `Wenn Sie das nicht waren, kennt jemand Ihr Passwort. Ändern Sie es, und wenden Sie sich an ${contact}.`,
  },
  passwordReset: {
    noneSubject: 'Ihr Konto hat kein Passwort',
    noneOpening:
      'Jemand hat einen Link angefordert, um ein neues Passwort für Ihr Konto festzulegen. Es hat aber noch keines.',
    noneAdvice: (contact) =>
      `Wenn Sie das waren, melden Sie sich so an wie bisher, oder bitten Sie ${contact} um eine Einladung. Andernfalls müssen Sie nichts tun.`,
    subject: 'Neues Passwort festlegen',
    opening: 'Jemand hat einen Link angefordert, um ein neues Passwort für Ihr Konto festzulegen.',
    once: 'Der Link gilt einmal. Wenn Sie mehrere angefordert haben, gilt nur der neueste.',
    ifNotYou: 'Wenn Sie das nicht waren, müssen Sie nichts tun: Ihr Passwort bleibt unverändert.',
  },
  invited: {
    subject: (brand) => `Einladung zu ${brand}`,
    newSubject: 'Neues Passwort festlegen',
    opening: (brand) =>
      `Sie haben ein neues ${brand}‑Konto. Wählen Sie ein Passwort, mit dem Sie sich anmelden.`,
    newOpening: (brand) =>
      `Mit diesem Link legen Sie ein neues Passwort für Ihr ${brand}‑Konto fest.`,
    secret:
      'Der Link gilt einmal. Geben Sie ihn nicht weiter: Wer ihn hat, kann sich als Sie anmelden.',
    newUnexpected: (contact) =>
      `Wenn Sie das nicht erwartet haben, verwenden Sie den Link nicht, und wenden Sie sich an ${contact}.`,
    choose: 'Passwort wählen',
  },
  passwordChanged: {
    setSubject: 'Ihr Passwort wurde festgelegt',
    setByLink: 'Für Ihr Konto wurde mit einem Einladungslink ein Passwort festgelegt.',
    setOnPage:
      'Für Ihr Konto wurde auf der Kontoseite ein Passwort festgelegt. Sie können sich ab jetzt damit anmelden.',
    subject: 'Ihr Passwort wurde geändert',
    byLink:
      'Das Passwort Ihres Kontos wurde mit einem Link festgelegt. Alle anderen Browser wurden abgemeldet.',
    onPage: 'Das Passwort Ihres Kontos wurde geändert. Alle anderen Browser wurden abgemeldet.',
    ended:
      'Auch der Zugriff Ihrer Apps, Geräte und persönlichen Zugriffstokens wurde widerrufen. Verbinden Sie wieder, was Sie noch benötigen.',
    kept: 'Ihre Apps, Geräte und persönlichen Zugriffstokens haben weiterhin Zugriff.',
    ifNotYou: (contact) =>
      `Wenn Sie das nicht waren, hat vielleicht jemand anderes Zugriff auf Ihr Konto. Wenden Sie sich sofort an ${contact}, und bitten Sie um einen neuen Link.`,
  },
  newSignIn: {
    subject: 'Neue Anmeldung bei Ihrem Konto',
    opening:
      'Mit Ihrem Konto hat sich jemand in einem Browser angemeldet, der dafür noch nie verwendet wurde.',
    ifNotYou: (contact) =>
      `Wenn Sie das nicht waren, hat vielleicht jemand anderes Zugriff auf Ihr Konto. Melden Sie diesen Browser ab, ändern Sie Ihr Passwort, und wenden Sie sich sofort an ${contact}.`,
  },
  registration: {
    subject: (brand) => `Erstellen Sie Ihr ${brand}‑Konto`,
    opening: (brand) =>
      `Mit dieser E-Mail-Adresse soll ein Konto bei ${brand} erstellt werden. Bestätigen Sie, dass es Ihre ist, und wählen Sie ein Passwort.`,
    once: 'Der Link gilt einmal.',
    ifNotYou:
      'Wenn Sie nicht darum gebeten haben, müssen Sie nichts tun: Es wird kein Konto erstellt.',
    create: 'Konto erstellen',
  },
};
