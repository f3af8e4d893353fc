/**
 * GERMAN, with the formal “Sie”.
 *
 * Glossary: sign in = anmelden, sign out = abmelden, account = Konto, password = Passwort, passkey = Passkey, second
 * factor = zweiter Faktor, authenticator app = Authenticator-App, recovery code = Wiederherstellungscode, app = App,
 * device = Gerät, scope = Berechtigung (Scope), allow = erlauben, deny = ablehnen, connect = verbinden, revoke = widerrufen,
 * administrator = Administrator, outbox = Postausgang, invitation = Einladung, provider = Anbieter. Whom people ask
 * (`support`) stands in the accusative: “Wenden Sie sich an …”.
 */
import { html } from 'hono/html';
import type { Messages } from './en.ts';
import { mails } from './mails/de.ts';

export const de: Messages = {
  code: 'de',
  name: 'Deutsch',

  mails,

  layout: {
    error: 'Fehler: ',
    skip: 'Zum Inhalt springen',
    signedInAs: (person) => html`Angemeldet als ${person}`,
    signOut: 'Abmelden',
    about: 'Über diesen Dienst',
    support: 'Hilfe',
    terms: 'Nutzungsbedingungen',
    privacy: 'Datenschutz',
    language: 'Sprache',
  },

  support: {
    team: (brand) => `den Support von ${brand}`,
    administrator: (brand) => html`einen Administrator von ${brand}`,
  },

  times: {
    now: 'gerade eben',
    soon: 'in weniger als einer Minute',
  },

  devices: {
    unknown: 'ein unbekanntes Gerät',
    commandLine: (program) => `${program} auf einer Befehlszeile`,
    writ: 'die Befehlszeile writ',
    writtenIn: (language) => `ein Programm in ${language}`,
    on: (browser, system) => `${browser} unter ${system}`,
    tv: (system) => `${system}-TV`,
    phone: (system) => `${system}-Smartphone`,
    tablet: (system) => `${system}-Tablet`,
  },

  fields: {
    email: 'E-Mail-Adresse',
    password: 'Passwort',
    name: 'Name',
    code: 'Code',
    recoveryCode: 'Wiederherstellungscode',
    newPassword: 'Neues Passwort',
    newPasswordHint:
      'Mindestens 10 Zeichen. Einige Wörter ohne Zusammenhang ergeben ein gutes Passwort.',
    repeatPassword: 'Neues Passwort wiederholen',
  },

  actions: {
    continue: 'Weiter',
    signIn: 'Anmelden',
    signInAgain: 'Erneut anmelden',
    backToSignIn: 'Zurück zur Anmeldung',
    goBack: 'Zurück',
    toAccount: 'Zu Ihrem Konto',
    toStart: 'Zur Startseite',
    createAccount: 'Konto erstellen',
    allow: 'Erlauben',
    deny: 'Ablehnen',
    seeConnected: 'Verbundene Apps und Geräte ansehen',
  },

  problems: {
    stale:
      'Diese Seite war veraltet, oder Ihr Browser nimmt keine Cookies an. Bitte versuchen Sie es noch einmal.',
    gone: 'Das gibt es nicht mehr: Es wurde in der Zwischenzeit geändert oder gelöscht.',
    tooManyAttempts: (wait) =>
      `Zu viele Versuche. Bitte warten Sie ${wait} und versuchen Sie es dann erneut.`,
    noEmail: 'Geben Sie Ihre E-Mail-Adresse ein.',
    noPassword: 'Geben Sie Ihr Passwort ein.',
    noNewPassword: 'Geben Sie ein Passwort ein.',
    noCode: 'Geben Sie einen Code ein.',
    noEmailCode: 'Geben Sie den Code aus der E-Mail ein.',
    wrongEmailCode: 'Der Code ist falsch. Sehen Sie in der neuesten E-Mail nach.',
    wrongAppCode: 'Der Code ist falsch. Geben Sie den Code ein, den die App jetzt anzeigt.',
    wrongRecoveryCode: 'Der Code ist falsch oder wurde schon verwendet.',
    repeat: 'Die beiden Passwörter stimmen nicht überein.',
    terms: 'Stimmen Sie zu, um ein Konto zu erstellen.',
    noName: 'Geben Sie einen Namen ein.',
    nameTooLong: (length) => `Der Name ist zu lang. Geben Sie höchstens ${length} Zeichen ein.`,
    nameUnusable:
      'Der Name enthält Zeichen, die nicht verwendet werden können. Verwenden Sie Buchstaben, Ziffern und Symbole in einer Zeile.',
    emailInvalid: 'Das ist keine gültige E-Mail-Adresse.',
    emailDomain: (domains) => `Die Adresse muss zu ${domains} gehören.`,
  },

  signInRefused: {
    wrong: 'Die E-Mail-Adresse oder das Passwort ist falsch.',
    busy: 'Im Moment melden sich zu viele Personen an. Versuchen Sie es in einigen Sekunden noch einmal.',
  },

  passwordRefused: {
    too_short: (length) => `Das Passwort ist zu kurz. Verwenden Sie mindestens ${length} Zeichen.`,
    too_long: (length) => `Das Passwort ist zu lang. Verwenden Sie höchstens ${length} Zeichen.`,
    too_common:
      'Das Passwort ist zu leicht zu erraten: Es ist verbreitet oder folgt einem Muster. Verwenden Sie mehrere Wörter ohne Zusammenhang.',
    too_personal:
      'Das Passwort ist zu leicht zu erraten: Es besteht größtenteils aus Ihrem Namen oder Ihrer Adresse oder dem Namen oder der Adresse dieses Dienstes. Verwenden Sie mehrere Wörter, die nichts mit Ihnen zu tun haben.',
    unusable:
      'Das Passwort enthält ein Zeichen, das sich nicht eingeben lässt. Verwenden Sie Buchstaben, Ziffern und Symbole.',
    unchanged: 'Wählen Sie ein Passwort, das sich vom jetzigen unterscheidet.',
    wrong_current: 'Das jetzige Passwort ist falsch.',
    not_recent: 'Ihre Anmeldung liegt zu lange zurück. Melden Sie sich zuerst noch einmal an.',
  },

  passkeyRefused: {
    wrong:
      'Dieser Passkey funktioniert hier nicht. Verwenden Sie einen anderen, oder melden Sie sich auf andere Weise an.',
    expired:
      'Das hat zu lange gedauert oder wurde in einem anderen Browser begonnen. Versuchen Sie es noch einmal.',
    unverified:
      'Dieser Passkey hat nicht geprüft, wer ihn verwendet. Deshalb gilt er nur nach Ihrem Passwort. Melden Sie sich zuerst mit Ihrem Passwort an.',
    cloned:
      'Dieser Passkey wurde abgelehnt, weil es eine Kopie davon zu geben scheint. Melden Sie sich auf andere Weise an, und entfernen Sie ihn aus Ihrem Konto.',
    full: 'Ihr Konto hat bereits so viele Passkeys wie möglich. Entfernen Sie zuerst einen.',
    known: 'Dieser Passkey wurde bereits hinzugefügt.',
  },

  passkeyScript: {
    NotAllowedError:
      'Es wurde kein Passkey verwendet. Versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.',
    InvalidStateError:
      'Auf diesem Gerät oder Sicherheitsschlüssel gibt es bereits einen Passkey für Ihr Konto.',
    SecurityError: 'Passkeys funktionieren unter dieser Adresse nicht.',
    NotSupportedError: 'Dieses Gerät kann für diese Website keinen Passkey erstellen.',
    stale: 'Diese Seite ist veraltet. Laden Sie sie neu, und versuchen Sie es noch einmal.',
  },

  notices: {
    signed_out: 'Sie sind abgemeldet.',
    account_deleted: 'Ihr Konto ist gelöscht.',
    sign_in_expired: 'Diese Anmeldung ist abgelaufen. Bitte melden Sie sich noch einmal an.',
  },

  purposes: {
    app: (app) => html`, um mit ${app} fortzufahren`,
    anApp: ', um mit einer App fortzufahren',
    device: ', um ein Gerät zu verbinden',
    invitation: ', um eine Einladung zu beantworten',
    apps: ', um zu Ihren Apps zu gelangen',
    tokens: ', um zu Ihren Tokens zu gelangen',
    provider: ', um beide zu verbinden',
  },

  signIn: {
    title: 'Anmelden',
    toApp: (app) => html`Anmelden und weiter zu ${app}`,
    lead: (brand, purpose) => html`Verwenden Sie Ihr ${brand}‑Konto${purpose}.`,
    confirmTitle: 'Passwort bestätigen',
    confirmLead: (purpose) => html`Geben Sie Ihr Passwort noch einmal ein${purpose}.`,
    itIsYouTitle: 'Bestätigen Sie, dass Sie es sind',
    itIsYouLead: (purpose) => html`Melden Sie sich noch einmal an${purpose}.`,
    usePassword: 'Passwort verwenden',
    usePasskey: 'Passkey verwenden',
    withPasskey: 'Mit einem Passkey anmelden',
    passkeysNeedJavaScript:
      'Ihre Passkeys benötigen JavaScript, das dieser Browser nicht ausführt.',
    noWay: (support) =>
      html`Sie können hier nicht bestätigen, dass Sie es sind: Es gibt kein Passwort und keinen Passkey oder Anbieter, der zurzeit funktioniert. Bitten Sie ${support} um einen Link.`,
    continueAs: (person) => html`Weiter als ${person}`,
    forgot: 'Passwort vergessen?',
    noAccount: (create) => html`Noch kein Konto? ${create}`,
    noAccountAsk: (support) => html`Noch kein Konto? Bitten Sie ${support} um eine Einladung.`,
    continueWith: (provider) => html`Weiter mit ${provider}`,
    lastUsed: 'Zuletzt verwendet',
  },

  signInPaused: {
    title: 'Anmeldungen aus neuen Browsern sind ausgesetzt',
    lead: 'Für diese E-Mail-Adresse wurde zu oft hintereinander ein falsches Passwort eingegeben. Bis sich ihr Inhaber anmeldet, sind Anmeldungen nur aus Browsern möglich, die er schon verwendet hat.',
    knownBrowser:
      'Melden Sie sich mit einem Browser oder Smartphone an, mit dem Sie sich schon einmal angemeldet haben. Ihr Passwort gilt dort weiterhin, und die Sperre endet damit.',
    newPassword: (support) =>
      html`Oder <a href="/sign-in/forgot">legen Sie ein neues Passwort fest</a>. Auch damit endet die Sperre. Wenn das nicht möglich ist, wenden Sie sich an ${support}.`,
  },

  emailCode: {
    title: 'Sehen Sie in Ihre E-Mails',
    lead: 'Ihr Konto wurde in diesem Browser noch nie verwendet. Geben Sie den Code ein, den wir an Ihre E-Mail-Adresse gesendet haben.',
    hint: 'Er gilt 10 Minuten.',
    nothingArrived: (again, support) =>
      html`Nichts angekommen? Sehen Sie im Spam-Ordner nach, oder <a href="${again}">melden Sie sich in einer Minute erneut an</a>, um einen anderen Code zu erhalten. Kein Zugriff auf dieses Postfach? Wenden Sie sich an ${support}.`,
    expiredTitle: 'Dieser Code gilt nicht mehr',
    expiredLead:
      'Er ist abgelaufen, oder es wurden zu viele falsche Codes eingegeben. Melden Sie sich erneut an, um einen anderen Code zu erhalten.',
    noEmail: (support) => html`Es kommt keine E-Mail an? Wenden Sie sich an ${support}.`,
  },

  factor: {
    codeTitle: 'Code eingeben',
    codeLead: 'Öffnen Sie Ihre Authenticator-App, und geben Sie den Code ein, den sie anzeigt.',
    recoveryTitle: 'Wiederherstellungscode verwenden',
    recoveryLead: 'Geben Sie einen der Codes ein, die Sie aufbewahrt haben. Er gilt nur einmal.',
    remember: (days) =>
      days === 1
        ? 'In diesem Browser einen Tag lang nicht mehr fragen'
        : `In diesem Browser ${days} Tage lang nicht mehr fragen`,
    noCodesLeft: (support) => html`Keine Codes mehr übrig? Bitten Sie ${support} um Hilfe.`,
    lostPhone: (support) =>
      html`Smartphone verloren? Verwenden Sie einen Wiederherstellungscode, oder bitten Sie ${support} um Hilfe.`,
    passkeyTitle: 'Passkey verwenden',
    passkeyLead:
      'Ihr Browser fragt nach dem Passkey oder Sicherheitsschlüssel, den Sie Ihrem Konto hinzugefügt haben.',
    noPasskeys:
      'Dieser Browser unterstützt keine Passkeys, oder JavaScript ist ausgeschaltet. Wählen Sie einen anderen Weg, oder öffnen Sie diese Seite in einem aktuellen Browser mit JavaScript.',
    usePasskey: 'Passkey verwenden',
    lostPasskey: (support) => html`Passkey verloren? Bitten Sie ${support} um Hilfe.`,
    lostPasskeyOtherWays: (support) =>
      html`Passkey verloren? Wählen Sie einen anderen Weg, oder bitten Sie ${support} um Hilfe.`,
    ways: {
      passkey: 'Passkey verwenden',
      authenticator: 'Authenticator-App verwenden',
      recovery: 'Wiederherstellungscode verwenden',
    },
  },

  enrol: {
    title: 'Zweiten Faktor einrichten',
    lead: 'Sie benötigen einen, um fortzufahren: einen Passkey oder eine App, die Codes anzeigt.',
    createPasskey: 'Passkey erstellen',
    app: 'Authenticator-App',
    scan: 'Scannen Sie diesen Code mit Ihrer App. Geben Sie dann den Code ein, den die App anzeigt.',
    qr: 'QR-Code mit dem Schlüssel, der darunter steht',
    key: (key) => html`Scannen nicht möglich? Geben Sie in der App diesen Schlüssel ein: ${key}`,
    confirm: 'Bestätigen und weiter',
    codesTitle: 'Ihre Wiederherstellungscodes',
    codesLead:
      'Ihr zweiter Faktor ist eingerichtet. Wenn Sie ihn verlieren, können Sie sich mit diesen Codes anmelden.',
    goOn: 'Weiter',
  },

  recoveryCodes: {
    heading: 'Wiederherstellungscodes',
    caution: html`<strong>Drucken oder speichern Sie diese Codes jetzt: Sie werden nur einmal angezeigt.</strong> Bewahren Sie sie dort auf, wo Sie auch einen Ersatzschlüssel aufbewahren würden. Jeder gilt einmal.`,
    download: 'Herunterladen',
    file: 'wiederherstellungscodes.txt',
    fileTitle: (brand, person) =>
      `Wiederherstellungscodes von ${brand}${person && ` für ${person}`}`,
    fileText: 'Jeder gilt einmal, anstelle Ihres zweiten Faktors.',
  },

  factorsReset: {
    title: 'Zweite Faktoren behalten',
    lead: (brand, name, moment) =>
      html`Die zweiten Faktoren des ${brand}‑Kontos von ${name} werden entfernt, weil ein Administrator das veranlasst hat. Zeitpunkt: ${moment}.`,
    keep: 'Behalten',
    asked:
      'Wenn Sie Ihre verloren und darum gebeten haben, ist nichts zu tun: Schließen Sie diese Seite.',
    stoppedTitle: 'Ihre zweiten Faktoren bleiben bestehen',
    stoppedLead:
      'Sie werden nicht entfernt. Wenn Sie nicht darum gebeten hatten, kennt vielleicht jemand Ihr Passwort: Ändern Sie es jetzt.',
    changePassword: 'Passwort ändern',
    goneLead: 'Das Entfernen der zweiten Faktoren wurde gestoppt, oder es ist bereits geschehen.',
  },

  forgot: {
    title: 'Passwort vergessen?',
    noneLead: (support) =>
      html`Diese Installation sendet keine E-Mails. Bitten Sie ${support} um einen Link, mit dem Sie ein neues Passwort festlegen können.`,
    lead: 'Geben Sie Ihre E-Mail-Adresse ein. Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort festlegen können.',
    outboxLead: (support) =>
      html`Diese Installation sendet keine E-Mails. Fordern Sie hier einen Link an, und wenden Sie sich dann an ${support}: Der Link liegt im Postausgang und kann Ihnen von dort weitergegeben werden.`,
    send: 'Link senden',
    ask: 'Link anfordern',
    sentTitle: 'Sehen Sie in Ihre E-Mails',
    sentLead:
      'Wenn es zu dieser Adresse ein Konto mit einem Passwort gibt, ist ein Link unterwegs. Er gilt einmal, 30 Minuten lang.',
    outboxTitle: 'Ihre Anfrage liegt im Postausgang',
    outboxSentLead: (support) =>
      html`Wenn es zu dieser Adresse ein Konto mit einem Passwort gibt, gibt es jetzt einen Link, der einmal und 30 Minuten lang gilt. Bitten Sie ${support} darum.`,
    takesMinutes: 'Das kann einige Minuten dauern. Sehen Sie auch im Spam-Ordner nach.',
    unchanged: 'Ihr Passwort bleibt unverändert, bis Sie ein neues festlegen.',
    nothingArrived: (support) =>
      html`Nichts angekommen oder kein Zugriff auf dieses Postfach? Wenden Sie sich an ${support}.`,
    usedTitle: 'Dieser Link wurde schon verwendet',
    usedLead:
      'Mit ihm wurde ein neues Passwort festgelegt. Melden Sie sich mit diesem Passwort an.',
    goneLead:
      'Er ist abgelaufen oder wurde durch einen neueren ersetzt. Ihr Passwort ist unverändert.',
    askAgain: 'Neuen Link anfordern',
  },

  link: {
    gone: 'Dieser Link gilt nicht mehr',
  },

  invitation: {
    newTitle: 'Neues Passwort wählen',
    title: 'Passwort wählen',
    welcome: (name) => html`Willkommen, ${name}`,
    newLead: (brand, name) =>
      html`Für das ${brand}‑Konto von ${name}. Sie werden überall sonst abgemeldet.`,
    lead: (brand) => `Wählen Sie ein Passwort, um Ihr ${brand}‑Konto fertig einzurichten.`,
    access: 'Apps, Geräte und Zugriffstokens',
    keepAccess: 'Verbunden lassen',
    keepAccessHint:
      'Nur, wenn Sie sicher sind, dass niemand sonst Ihr altes Passwort kannte. Andernfalls wird der Zugriff widerrufen, und Sie verbinden wieder, was Sie benötigen.',
    setNew: 'Neues Passwort festlegen und anmelden',
    set: 'Passwort festlegen und anmelden',
    goneLead: 'Er wurde schon verwendet, ist abgelaufen oder wurde durch einen neueren ersetzt.',
    signedIn: 'Sie sind angemeldet.',
    askForLink: (support) =>
      html`Wenn Sie Ihr Passwort festgelegt haben, können Sie sich anmelden. Andernfalls bitten Sie ${support} um einen neuen Link.`,
  },

  register: {
    title: 'Konto erstellen',
    toApp: (app) => html`Konto erstellen und weiter zu ${app}`,
    lead: (brand) =>
      `Wir senden einen Link an Ihre E-Mail-Adresse. Mit ihm wählen Sie ein Passwort für Ihr ${brand}‑Konto.`,
    domains: (domains) => `Nur Adressen von ${domains} können sich registrieren.`,
    subdomain: (domain) => `einer Subdomain von ${domain}`,
    send: 'Link senden',
    approval: 'Ein Administrator gibt jedes Konto frei, bevor sich sein Inhaber anmelden kann.',
    haveAccount: (signIn) => html`Sie haben bereits ein Konto? ${signIn}`,
    sentLead: (email) => html`Wir haben eine E-Mail an ${email} gesendet.`,
    outboxSentLead: (support, email) => html`Bitten Sie ${support} um den Link für ${email}.`,
    useHere:
      'Öffnen Sie den Link in diesem Browser, um dort weiterzumachen, wo Sie waren. Er gilt einmal, 24 Stunden lang.',
    nothingArrived:
      'Wenn nach einigen Minuten nichts ankommt, sehen Sie im Spam-Ordner nach, und prüfen Sie die Adresse oben.',
    another: 'Andere Adresse verwenden',
    formTitle: 'Ihr Konto erstellen',
    formLead: (brand) =>
      `Ihre E-Mail-Adresse ist bestätigt, sobald Sie Ihr ${brand}‑Konto erstellen.`,
    terms: 'Bedingungen',
    termsOfService: 'Nutzungsbedingungen',
    privacyPolicy: 'Datenschutzerklärung',
    accept: (terms) => html`Ich stimme den ${terms} zu`,
    acceptBoth: (terms, privacy) => html`Ich stimme den ${terms} und der ${privacy} zu`,
    acceptPrivacy: (privacy) => html`Ich stimme der ${privacy} zu`,
    create: 'Konto erstellen',
    createAndSignIn: 'Konto erstellen und anmelden',
    goneLead:
      'Er wurde schon verwendet, ist abgelaufen, oder die Adresse hat inzwischen ein Konto.',
    waitsTitle: 'Ihr Konto wartet auf die Freigabe',
    waitsLead:
      'Ihre E-Mail-Adresse ist bestätigt. Ein Administrator entscheidet jetzt über Ihr Konto.',
    waitsForEmail: (support) =>
      html`Sie erhalten eine E-Mail, sobald Sie sich anmelden können. Wenn es zu lange dauert, wenden Sie sich an ${support}.`,
  },

  providers: {
    denied: {
      title: (name) => `Sie haben sich nicht mit ${name} angemeldet`,
      text: (name) =>
        `${name} meldet, dass die Anmeldung abgebrochen wurde. Es wurde nichts geändert.`,
    },
    refused: {
      title: (name) => `${name} hat die Anmeldung abgelehnt`,
      text: () =>
        'Sie können es noch einmal versuchen oder sich auf andere Weise anmelden. Es wurde nichts geändert.',
    },
    unreachable: {
      title: (name) => `${name} antwortet nicht`,
      text: () => 'Versuchen Sie es gleich noch einmal, oder melden Sie sich auf andere Weise an.',
    },
    invalid: {
      title: (name) => `Die Antwort von ${name} wurde nicht angenommen`,
      text: () =>
        'Sie hat eine Prüfung dieses Servers nicht bestanden. Sie sind daher nicht angemeldet. Sie können es noch einmal versuchen oder sich auf andere Weise anmelden.',
    },
    expired: {
      title: () => 'Diese Anmeldung ist abgelaufen',
      text: (name) =>
        `Eine Anmeldung mit ${name} gilt einmal, zehn Minuten lang und nur in dem Browser, der sie begonnen hat. Bitte beginnen Sie noch einmal.`,
    },
    disabled: {
      title: () => 'Ihr Konto ist deaktiviert',
      text: (name) => `Sie haben sich mit ${name} angemeldet, aber Ihr Konto hier ist deaktiviert.`,
    },
    other_account: {
      title: () => 'Das ist ein anderes Konto',
      text: (name) =>
        `Sie haben sich mit ${name} als jemand anderes angemeldet. Fahren Sie mit dem Konto fort, mit dem Sie hier angemeldet sind.`,
    },
    not_fresh: {
      title: (name) => `${name} hat Sie nicht erneut angemeldet`,
      text: () =>
        'Für diese Seite ist eine neue Anmeldung nötig. Melden Sie sich dort zuerst ab, oder bestätigen Sie auf andere Weise, dass Sie es sind.',
    },
    taken: {
      title: () => 'Schon mit einem anderen Konto verbunden',
      text: (name) =>
        `Diese Anmeldung mit ${name} gehört hier zu einem anderen Konto. Trennen Sie sie dort zuerst.`,
    },
  },

  providerHelp: (support) => html`Wenn das noch einmal geschieht, wenden Sie sich an ${support}.`,

  unknownIdentity: {
    hasAccountTitle: 'Sie haben bereits ein Konto',
    title: 'Noch kein Konto verbunden',
    has_account: (provider, address) =>
      html`Es gibt ein Konto mit der Adresse ${address}. Melden Sie sich dort einmal an, um es mit ${provider} zu verbinden.`,
    no_rule: (provider) =>
      html`Sie haben sich mit ${provider} angemeldet, aber hier ist noch kein Konto damit verbunden. Wenn Sie ein Konto haben, melden Sie sich einmal damit an, um beide zu verbinden.`,
    unverified: (provider) =>
      html`${provider} bestätigt nicht, dass die E-Mail-Adresse Ihnen gehört. Deshalb wurde kein Konto erstellt. Wenn Sie hier ein Konto haben, melden Sie sich einmal damit an, um beide zu verbinden.`,
    domain: (provider) =>
      html`Sie haben sich mit ${provider} angemeldet, aber mit Ihrer E-Mail-Adresse erhält man nicht automatisch ein Konto. Wenn Sie eines haben, melden Sie sich einmal damit an, um beide zu verbinden.`,
    signIn: 'Mit Ihrem Konto anmelden',
    anotherWay: 'Auf andere Weise anmelden',
    noAccount: (support) => html`Noch kein Konto? Bitten Sie ${support} darum.`,
  },

  signOut: {
    title: (brand) => `Von ${brand} abmelden?`,
    appAsks: (app, person) => html`${app} möchte Sie abmelden. Sie sind angemeldet als ${person}.`,
    appAsksAnother: (app, person) =>
      html`${app} möchte ein anderes Konto abmelden. Sie sind angemeldet als ${person}.`,
    anApp: html`Eine App`,
    stay: 'Angemeldet bleiben',
    doneTitle: 'Sie sind abgemeldet',
    appsToo: 'Auch die Apps, die Sie verwendet haben, sind abgemeldet.',
    done: (brand) => `Sie sind von ${brand} abgemeldet.`,
    continueTo: (app) => html`Weiter zu ${app}`,
    frame: 'Meldet von einer App ab',
  },

  leaving: {
    title: 'Zurück zur App',
    heading: (app) => html`Zurück zu ${app}`,
    lead: 'Wenn nichts geschieht, geht es hier weiter.',
  },

  app: {
    developer: 'Entwickler',
    app: 'App',
    notVerified: (brand) => `(von ${brand} nicht überprüft)`,
    registered: 'Registriert',
    byItself: 'durch sich selbst',
    callsItself: 'Nennt sich',
    website: 'Website',
    terms: 'Nutzungsbedingungen',
    yourAccount: 'Ihr Konto',
    ableTo: 'Die App darf dann',
    alsoAbleTo: 'Die App darf dann außerdem',
    knowsYou: 'Die App erfährt, wer Sie sind',
    nothingElse: 'Mehr verlangt sie nicht.',
    connected: 'Verbunden',
    revokeAnyTime: (connected) =>
      html`Sie können den Zugriff jederzeit unter „${connected}“ widerrufen.`,
  },

  consent: {
    title: 'App erlauben',
    heading: (app, brand) => html`Darf ${app} Ihr ${brand}‑Konto verwenden?`,
    moreHeading: (app, brand) => html`Darf ${app} mehr mit Ihrem ${brand}‑Konto tun?`,
    continueTitle: 'Weiter zu einer App',
    continueHeading: (app) => html`Weiter zu ${app}`,
    returnsTo: 'Führt zurück zu',
    appHere: 'Eine App auf diesem Gerät',
    programHere: 'Ein Programm auf diesem Computer',
    another: 'Anderes Konto verwenden',
    allowedBefore: 'Das haben Sie bereits erlaubt',
    choose: 'Sie können auswählen',
    chooseHint: 'Entfernen Sie die Häkchen bei allem, was die App nicht tun darf.',
    chooseFor: (resource) => html`Was die App mit ${resource} tun darf`,
    caution: html`<strong>Erlauben Sie das nur, wenn Sie es selbst begonnen haben.</strong> Prüfen Sie, ob die Adresse wirklich zur App gehört.`,
    cautionOnDevice: html`<strong>Erlauben Sie das nur, wenn Sie es selbst begonnen haben.</strong> Jedes Programm auf diesem Gerät kann den Namen dieser App verwenden.`,
    expires: (fromNow) => `Diese Anfrage läuft ${fromNow} ab.`,
    expectsOther: html`<strong>Die App erwartet ein anderes Konto.</strong> Sie sind mit einem anderen angemeldet.`,
    signInOther: 'Mit einem anderen Konto anmelden',
    beyondReach: html`<strong>Ihr Konto kann das nicht erlauben.</strong> Die App verlangt Berechtigungen, die Sie nicht haben:`,
    askToAllow: (support) =>
      html`Bitten Sie ${support}, es zu erlauben oder Ihrem Konto diese Berechtigungen zu geben.`,
    allowedTitle: 'Bereits erlaubt',
    allowedHeading: (app) => html`Sie haben ${app} erlaubt`,
    allowedLead:
      'Kehren Sie zur App zurück. Wenn Sie dort nicht angemeldet sind, beginnen Sie dort noch einmal.',
    deniedTitle: 'Abgelehnt',
    deniedHeading: (app) => html`Sie haben ${app} abgelehnt`,
    deniedLead:
      'Die App kann Ihr Konto nicht verwenden. Wenn Sie es sich anders überlegen, beginnen Sie dort noch einmal.',
    answeredTitle: 'Bereits beantwortet',
    answeredHeading: 'Diese Anfrage wurde bereits beantwortet',
    answeredLead: (app) =>
      html`In diesem Browser war jemand anderes angemeldet und hat die Anfrage von ${app} beantwortet.`,
    answeredAdvice:
      'Um die App mit Ihrem eigenen Konto zu verwenden, beginnen Sie dort noch einmal.',
    goneTitle: 'Diese Anfrage ist abgelaufen',
    goneLead:
      'Sie hat zu lange gedauert, wurde in einem anderen Browser begonnen, oder die App darf nicht mehr fragen.',
    goneAdvice: 'Kehren Sie zur App zurück, und beginnen Sie dort noch einmal.',
  },

  decisionRefused: {
    not_allowed_any_more: 'Die App darf danach nicht mehr fragen.',
    other_account:
      'Die App erwartet ein anderes Konto. Melden Sie sich mit diesem Konto an, oder beginnen Sie in der App noch einmal.',
    nothing_chosen: 'Wählen Sie mindestens einen Eintrag aus, oder lehnen Sie die Anfrage ab.',
    something_changed: 'Bitte entscheiden Sie noch einmal: Es hat sich etwas geändert.',
    answered:
      'Diese Anfrage wurde bereits in einem anderen Tab oder Browser beantwortet. Kehren Sie zur App zurück, und beginnen Sie dort noch einmal.',
    disabled: 'Das Konto oder die App wurde deaktiviert oder gelöscht.',
    needs_factor:
      'Für diese App ist ein zweiter Faktor nötig. Melden Sie sich noch einmal an, und bestätigen Sie einen.',
    lifetime:
      'Das Gerät kann nicht so lange verbunden bleiben. Wählen Sie eine der angebotenen Zeiten.',
  },

  device: {
    title: 'Gerät verbinden',
    enterLead: 'Geben Sie den Code ein, den Ihr Gerät anzeigt.',
    hint: (example) =>
      `Acht Buchstaben, zum Beispiel ${example}. Kleinbuchstaben und ein fehlender Bindestrich sind in Ordnung.`,
    enterCaution:
      'Geben Sie nur einen Code ein, den Sie selbst auf Ihrem eigenen Gerät angefordert haben.',
    noCode: 'Geben Sie den Code ein.',
    onlyLetters: 'Ein Code besteht nur aus Buchstaben. Prüfen Sie den Code auf Ihrem Gerät.',
    eightLetters: (example) =>
      `Ein Code hat acht Buchstaben, zum Beispiel ${example}. Prüfen Sie den Code auf Ihrem Gerät.`,
    unknownCode:
      'Diesen Code gibt es nicht, oder er ist abgelaufen. Vergleichen Sie ihn mit dem Code auf Ihrem Gerät.',
    tooManyCodes: (wait) =>
      `Zu viele falsche Codes. Bitte warten Sie ${wait} und versuchen Sie es dann erneut.`,
    heading: (app) => html`${app} verbinden?`,
    lead: (brand) => `Diese App möchte Ihr ${brand}‑Konto auf einem Gerät verwenden.`,
    compare: 'Zeigt Ihr Gerät diesen Code an?',
    device: 'Gerät',
    ip: 'IP-Adresse',
    unknown: 'Unbekannt',
    sameAddress: 'dieselbe wie Ihre',
    requested: 'Angefordert',
    otherAddress:
      'Das Gerät hat eine andere IP-Adresse als dieser Browser. Das ist normal für einen Server, ein Smartphone oder ein anderes Netz. Wenn das Gerät neben Ihnen steht, prüfen Sie den Code noch einmal.',
    fullAccess: html`<strong>Die App verlangt vollen Zugriff.</strong> Ihr Token kann alles, was Sie können. Wer es in die Hände bekommt, kann es verwenden, bis es abläuft.`,
    caution: html`<strong>Verbinden Sie nur ein Gerät, das Sie selbst verwenden.</strong> Der Support bittet Sie nie, das für ihn zu tun.`,
    connect: 'Verbinden',
    expires: (fromNow) => `Dieser Code läuft ${fromNow} ab.`,
    stayConnected: 'Verbunden bleiben für',
    beyondReachPermission: html`<strong>Ihr Konto kann diese App nicht verbinden.</strong> Keine Ihrer Rollen hat diese Berechtigung:`,
    beyondReachScopes: html`<strong>Ihr Konto kann diese App nicht verbinden.</strong> Sie verlangt Berechtigungen, die Sie nicht haben:`,
    askForPermission: (support) =>
      html`Bitten Sie ${support}, sie zu verbinden oder Ihrem Konto diese Berechtigung zu geben.`,
    askForScopes: (support) =>
      html`Bitten Sie ${support}, sie zu verbinden oder Ihrem Konto diese Berechtigungen zu geben.`,
    anotherCode: 'Anderen Code eingeben',
    approvedTitle: 'Verbunden',
    approvedHeading: (app) => html`${app} ist verbunden`,
    approvedLead:
      'Kehren Sie zu Ihrem Gerät zurück: Dort geht es in einigen Sekunden von selbst weiter. Sie können diese Seite schließen.',
    deniedTitle: 'Abgelehnt',
    deniedHeading: (app) => html`${app} wurde nicht verbunden`,
    deniedLead: 'Die App kann Ihr Konto nicht verwenden. Sie können diese Seite schließen.',
    deniedAdvice: (support) =>
      html`Hat Ihnen jemand anderes den Code geschickt? Melden Sie das bitte: Wenden Sie sich an ${support}.`,
    expiredTitle: 'Dieser Code ist abgelaufen',
    expiredLead:
      'Ein Code gilt nur einige Minuten. Beginnen Sie auf Ihrem Gerät noch einmal, um einen neuen zu erhalten.',
    newCode: 'Neuen Code eingeben',
    answeredTitle: 'Bereits beantwortet',
    answeredHeading: 'Diese Anfrage wurde bereits beantwortet',
    answeredLead: (app) =>
      html`Die Anfrage von ${app} wurde auf einer anderen Seite oder von jemand anderem beantwortet.`,
    answeredAdvice:
      'Prüfen Sie, ob die App mit Ihrem Konto verbunden ist. Wenn nicht, beginnen Sie auf dem Gerät noch einmal.',
  },

  errors: {
    notFound: {
      title: 'Seite nicht gefunden',
      text: 'Vielleicht ist die Adresse falsch geschrieben, oder die Seite gibt es nicht mehr.',
    },
    notAllowed: 'Das dürfen Sie nicht',
    formOnly: {
      title: 'Diese Seite lässt sich nicht öffnen',
      text: 'Diese Adresse nimmt nur ein Formular an. Bitte beginnen Sie noch einmal.',
    },
    tooMany: 'Zu viele Anfragen',
    unavailable: {
      title: 'Vorübergehend nicht verfügbar',
      text: 'Ein Teil dieses Servers ist nicht verfügbar. Es wurde nichts geändert. Bitte versuchen Sie es gleich noch einmal.',
    },
    failed: {
      title: 'Etwas ist schiefgegangen',
      text: 'Der Fehler liegt bei uns. Bitte versuchen Sie es noch einmal.',
    },
    other: 'Das hat nicht funktioniert',
    stale: {
      title: 'Diese Seite war veraltet',
      text: 'Sie haben sich in einem anderen Tab an- oder abgemeldet. Deshalb wurde nichts geändert. Öffnen Sie die Seite noch einmal, und prüfen Sie sie.',
      action: 'Noch einmal öffnen',
    },
    invalidRequest: {
      title: 'Ungültige Anfrage',
      ofApp: (app) => `${app} hat eine ungültige Anfrage gesendet`,
      text: 'Eine App hat Sie mit einer Anfrage hierher geschickt, die dieser Server nicht annehmen kann. Kehren Sie zur App zurück, und versuchen Sie es noch einmal. Wenn es wieder geschieht, wenden Sie sich an die Entwickler der App.',
      textOfApp:
        'Kehren Sie zur App zurück, und versuchen Sie es noch einmal. Wenn es wieder geschieht, wenden Sie sich an die Entwickler der App.',
      back: (app, place) => `Zurück zu ${app} (${place})`,
    },
    contact: (support, requestId) =>
      html`Wenn das noch einmal geschieht, wenden Sie sich an ${support}, und nennen Sie die Anfrage-ID: ${requestId}`,
    forDevelopers: 'Für Entwickler',
    error: 'Fehler',
    description: 'Beschreibung',
    redirectUri: 'Redirect-URI',
    requestId: 'Anfrage-ID',
  },
};
