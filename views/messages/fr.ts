/**
 * FRENCH, with “vous”. A no-break space stands before “? ! : ;” and inside « ».
 *
 * Glossary: sign in = se connecter, sign out = se déconnecter, account = compte, password = mot de passe, passkey = clé
 * d’accès, second factor = second facteur, authenticator app = application d’authentification, recovery code = code de
 * secours, app = application, device = appareil, scope = autorisation, allow = autoriser, deny = refuser, connect (a
 * device) = connecter, revoke = révoquer, administrator = administrateur, outbox = boîte d’envoi, invitation = invitation,
 * provider = fournisseur. Whom people ask (`support`) is the object of “contacter”.
 */
import { html } from 'hono/html';
import type { Messages } from './en.ts';
import { mails } from './mails/fr.ts';

export const fr: Messages = {
  code: 'fr',
  name: 'Français',

  mails,

  layout: {
    error: 'Erreur : ',
    skip: 'Aller au contenu',
    signedInAs: (person) => html`Connecté en tant que ${person}`,
    signOut: 'Se déconnecter',
    about: 'À propos de ce service',
    support: 'Assistance',
    terms: 'Conditions d’utilisation',
    privacy: 'Confidentialité',
    language: 'Langue',
  },

  support: {
    team: (brand) => `l’assistance ${brand}`,
    administrator: (brand) => html`un administrateur de ${brand}`,
  },

  times: {
    now: 'à l’instant',
    soon: 'dans moins d’une minute',
  },

  devices: {
    unknown: 'un appareil inconnu',
    commandLine: (program) => `${program} en ligne de commande`,
    writ: 'la ligne de commande writ',
    writtenIn: (language) => `un programme écrit en ${language}`,
    on: (browser, system) => `${browser} sur ${system}`,
    tv: (system) => `Téléviseur ${system}`,
    phone: (system) => `Téléphone ${system}`,
    tablet: (system) => `Tablette ${system}`,
  },

  fields: {
    email: 'Adresse e-mail',
    password: 'Mot de passe',
    name: 'Nom',
    code: 'Code',
    recoveryCode: 'Code de secours',
    newPassword: 'Nouveau mot de passe',
    newPasswordHint:
      'Au moins 10 caractères. Quelques mots sans rapport entre eux font un bon mot de passe.',
    repeatPassword: 'Répétez le nouveau mot de passe',
  },

  actions: {
    continue: 'Continuer',
    signIn: 'Se connecter',
    signInAgain: 'Se reconnecter',
    backToSignIn: 'Retour à la connexion',
    goBack: 'Retour',
    toAccount: 'Accéder à votre compte',
    toStart: 'Aller à la page d’accueil',
    createAccount: 'Créer un compte',
    allow: 'Autoriser',
    deny: 'Refuser',
    seeConnected: 'Voir les applications et appareils connectés',
  },

  problems: {
    stale:
      'Cette page n’était plus à jour, ou votre navigateur n’accepte pas les cookies. Veuillez réessayer.',
    gone: 'Cet élément n’existe plus : il a été modifié ou supprimé entre-temps.',
    tooManyAttempts: (wait) => `Trop de tentatives. Réessayez dans ${wait}.`,
    noEmail: 'Saisissez votre adresse e-mail.',
    noPassword: 'Saisissez votre mot de passe.',
    noNewPassword: 'Saisissez un mot de passe.',
    noCode: 'Saisissez un code.',
    noEmailCode: 'Saisissez le code reçu par e-mail.',
    wrongEmailCode: 'Le code est incorrect. Vérifiez l’e-mail le plus récent.',
    wrongAppCode:
      'Ce code est incorrect. Saisissez le code que l’application affiche en ce moment.',
    wrongRecoveryCode: 'Ce code est incorrect ou a déjà été utilisé.',
    repeat: 'Les deux mots de passe sont différents.',
    terms: 'Vous devez les accepter pour créer un compte.',
    noName: 'Saisissez un nom.',
    nameTooLong: (length) => `Le nom est trop long. Saisissez au plus ${length} caractères.`,
    nameUnusable:
      'Le nom contient des caractères qui ne peuvent pas être utilisés. Utilisez des lettres, des chiffres et des symboles, sur une seule ligne.',
    emailInvalid: 'Cette adresse e-mail n’est pas valide.',
    emailDomain: (domains) => `L’adresse doit appartenir à ${domains}.`,
  },

  signInRefused: {
    wrong: 'L’adresse e-mail ou le mot de passe est incorrect.',
    busy: 'Trop de personnes se connectent en ce moment. Réessayez dans quelques secondes.',
  },

  passwordRefused: {
    too_short: (length) =>
      `Le mot de passe est trop court. Utilisez au moins ${length} caractères.`,
    too_long: (length) => `Le mot de passe est trop long. Utilisez au plus ${length} caractères.`,
    too_common:
      'Le mot de passe est trop facile à deviner : il est courant ou suit un schéma. Utilisez plusieurs mots sans rapport entre eux.',
    too_personal:
      'Le mot de passe est trop facile à deviner : il est surtout composé de votre nom ou de votre adresse, ou de ceux de ce service. Utilisez plusieurs mots sans rapport avec vous.',
    unusable:
      'Le mot de passe contient un caractère impossible à saisir. Utilisez des lettres, des chiffres et des symboles.',
    unchanged: 'Choisissez un mot de passe différent de l’actuel.',
    wrong_current: 'Le mot de passe actuel est incorrect.',
    not_recent: 'Votre connexion est trop ancienne. Reconnectez-vous d’abord.',
  },

  passkeyRefused: {
    wrong:
      'Cette clé d’accès ne fonctionne pas ici. Utilisez-en une autre, ou connectez-vous autrement.',
    expired: 'L’opération a pris trop de temps ou a commencé dans un autre navigateur. Réessayez.',
    unverified:
      'Cette clé d’accès n’a pas vérifié qui l’utilise : elle ne fonctionne donc qu’après votre mot de passe. Connectez-vous d’abord avec votre mot de passe.',
    cloned:
      'Cette clé d’accès a été refusée, car il semble en exister une copie. Connectez-vous autrement, puis supprimez-la de votre compte.',
    full: 'Votre compte a déjà le nombre maximal de clés d’accès. Supprimez-en une d’abord.',
    known: 'Cette clé d’accès a déjà été ajoutée.',
  },

  passkeyScript: {
    NotAllowedError:
      'Aucune clé d’accès n’a été utilisée. Réessayez, ou choisissez une autre méthode.',
    InvalidStateError:
      'Cet appareil ou cette clé de sécurité possède déjà une clé d’accès pour votre compte.',
    SecurityError: 'Les clés d’accès ne fonctionnent pas à cette adresse.',
    NotSupportedError: 'Cet appareil ne peut pas créer de clé d’accès pour ce site.',
    stale: 'Cette page n’est plus à jour. Rechargez-la et réessayez.',
  },

  notices: {
    signed_out: 'Vous êtes déconnecté.',
    account_deleted: 'Votre compte est supprimé.',
    sign_in_expired: 'Cette connexion a expiré. Veuillez vous reconnecter.',
  },

  purposes: {
    app: (app) => html` pour continuer vers ${app}`,
    anApp: ' pour continuer vers une application',
    device: ' pour connecter un appareil',
    invitation: ' pour répondre à une invitation',
    apps: ' pour continuer vers vos applications',
    tokens: ' pour continuer vers vos jetons',
    provider: ' pour l’associer',
  },

  signIn: {
    title: 'Se connecter',
    toApp: (app) => html`Connectez-vous pour continuer vers ${app}`,
    lead: (brand, purpose) => html`Utilisez votre compte ${brand}${purpose}.`,
    confirmTitle: 'Confirmez votre mot de passe',
    confirmLead: (purpose) => html`Saisissez à nouveau votre mot de passe${purpose}.`,
    itIsYouTitle: 'Confirmez que c’est bien vous',
    itIsYouLead: (purpose) => html`Reconnectez-vous${purpose}.`,
    usePassword: 'Utiliser votre mot de passe',
    usePasskey: 'Utiliser une clé d’accès',
    withPasskey: 'Se connecter avec une clé d’accès',
    passkeysNeedJavaScript:
      'Vos clés d’accès ont besoin de JavaScript, que ce navigateur n’exécute pas.',
    noWay: (support) =>
      html`Vous n’avez aucun moyen de confirmer ici que c’est bien vous : ni mot de passe, ni clé d’accès ou fournisseur qui fonctionne actuellement. Contactez ${support} pour obtenir un lien.`,
    continueAs: (person) => html`Continuer en tant que ${person}`,
    forgot: 'Mot de passe oublié ?',
    noAccount: (create) => html`Pas de compte ? ${create}`,
    noAccountAsk: (support) =>
      html`Pas de compte ? Contactez ${support} pour obtenir une invitation.`,
    continueWith: (provider) => html`Continuer avec ${provider}`,
    lastUsed: 'Dernière utilisée',
  },

  signInPaused: {
    title: 'La connexion depuis de nouveaux navigateurs est suspendue',
    lead: 'Trop de mots de passe incorrects ont été saisis de suite pour cette adresse e-mail. Tant que son titulaire ne s’est pas connecté, seuls les navigateurs qu’il a déjà utilisés permettent de se connecter.',
    knownBrowser:
      'Connectez-vous depuis un navigateur ou un téléphone que vous avez déjà utilisé. Votre mot de passe y fonctionne toujours, et la suspension prendra fin.',
    newPassword: (support) =>
      html`Ou <a href="/sign-in/forgot">définissez un nouveau mot de passe</a>, ce qui met aussi fin à la suspension. Si vous ne le pouvez pas, contactez ${support}.`,
  },

  emailCode: {
    title: 'Consultez vos e-mails',
    lead: 'Votre compte n’a encore jamais été utilisé dans ce navigateur. Saisissez le code que nous avons envoyé à votre adresse e-mail.',
    hint: 'Il est valable 10 minutes.',
    nothingArrived: (again, support) =>
      html`Rien reçu ? Regardez dans vos courriers indésirables, ou <a href="${again}">reconnectez-vous</a> dans une minute pour obtenir un autre code. Vous n’avez pas accès à cette boîte aux lettres ? Contactez ${support}.`,
    expiredTitle: 'Ce code n’est plus valable',
    expiredLead:
      'Il a expiré, ou trop de codes incorrects ont été saisis. Reconnectez-vous pour obtenir un autre code.',
    noEmail: (support) => html`Vous ne recevez aucun e-mail ? Contactez ${support}.`,
  },

  factor: {
    codeTitle: 'Saisissez un code',
    codeLead: 'Ouvrez votre application d’authentification et saisissez le code qu’elle affiche.',
    recoveryTitle: 'Utilisez un code de secours',
    recoveryLead: 'Saisissez l’un des codes que vous avez conservés. Il ne sert qu’une fois.',
    remember: (days) =>
      `Ne plus demander dans ce navigateur pendant ${days} ${days === 1 ? 'jour' : 'jours'}`,
    noCodesLeft: (support) =>
      html`Vous n’avez plus de codes ? Contactez ${support} pour obtenir de l’aide.`,
    lostPhone: (support) =>
      html`Vous avez perdu votre téléphone ? Utilisez un code de secours, ou contactez ${support} pour obtenir de l’aide.`,
    passkeyTitle: 'Utilisez votre clé d’accès',
    passkeyLead:
      'Votre navigateur demande la clé d’accès ou la clé de sécurité que vous avez ajoutée à votre compte.',
    noPasskeys:
      'Ce navigateur ne prend pas en charge les clés d’accès, ou JavaScript est désactivé. Choisissez une autre méthode, ou ouvrez cette page dans un navigateur récent avec JavaScript.',
    usePasskey: 'Utiliser la clé d’accès',
    lostPasskey: (support) =>
      html`Vous avez perdu votre clé d’accès ? Contactez ${support} pour obtenir de l’aide.`,
    lostPasskeyOtherWays: (support) =>
      html`Vous avez perdu votre clé d’accès ? Utilisez une autre méthode, ou contactez ${support} pour obtenir de l’aide.`,
    ways: {
      passkey: 'Utiliser une clé d’accès',
      authenticator: 'Utiliser votre application d’authentification',
      recovery: 'Utiliser un code de secours',
    },
  },

  enrol: {
    title: 'Configurez un second facteur',
    lead: 'Vous en avez besoin pour continuer : une clé d’accès, ou une application qui affiche des codes.',
    createPasskey: 'Créer une clé d’accès',
    app: 'Application d’authentification',
    scan: 'Scannez ce code avec votre application, puis saisissez le code qu’elle affiche.',
    qr: 'Code QR contenant la clé ci-dessous',
    key: (key) => html`Impossible de le scanner ? Saisissez cette clé dans l’application : ${key}`,
    confirm: 'Confirmer et continuer',
    codesTitle: 'Vos codes de secours',
    codesLead:
      'Votre second facteur est configuré. Si vous le perdez, ces codes vous permettront de vous connecter.',
    goOn: 'Continuer',
  },

  recoveryCodes: {
    heading: 'Codes de secours',
    caution: html`<strong>Imprimez ou enregistrez ces codes maintenant : ils ne sont affichés qu’une fois.</strong> Conservez-les là où vous garderiez un double de clé. Chacun ne sert qu’une fois.`,
    download: 'Télécharger',
    file: 'codes-de-secours.txt',
    fileTitle: (brand, person) => `Codes de secours de ${brand}${person && ` pour ${person}`}`,
    fileText: 'Chacun sert une fois, à la place de votre second facteur.',
  },

  factorsReset: {
    title: 'Conservez vos seconds facteurs',
    lead: (brand, name, moment) =>
      html`Les seconds facteurs du compte ${brand} de ${name} seront supprimés à la demande d’un administrateur. Date prévue : ${moment}.`,
    keep: 'Les conserver',
    asked:
      'Si vous avez perdu les vôtres et l’avez demandé, il n’y a rien à faire : fermez cette page.',
    stoppedTitle: 'Vos seconds facteurs sont conservés',
    stoppedLead:
      'Ils ne seront pas supprimés. Si vous ne l’aviez pas demandé, quelqu’un connaît peut-être votre mot de passe : changez-le maintenant.',
    changePassword: 'Changer votre mot de passe',
    goneLead: 'La suppression des seconds facteurs a été annulée, ou elle a déjà eu lieu.',
  },

  forgot: {
    title: 'Mot de passe oublié ?',
    noneLead: (support) =>
      html`Cette installation n’envoie pas d’e-mails. Contactez ${support} pour obtenir un lien qui permet de définir un nouveau mot de passe.`,
    lead: 'Saisissez votre adresse e-mail : nous vous enverrons un lien pour définir un nouveau mot de passe.',
    outboxLead: (support) =>
      html`Cette installation n’envoie pas d’e-mails. Demandez un lien ici, puis contactez ${support} : le lien se trouve dans la boîte d’envoi et peut vous être transmis.`,
    send: 'Envoyer un lien',
    ask: 'Demander un lien',
    sentTitle: 'Consultez vos e-mails',
    sentLead:
      'Si un compte avec mot de passe correspond à cette adresse, un lien est en route. Il sert une fois et il est valable 30 minutes.',
    outboxTitle: 'Votre demande est dans la boîte d’envoi',
    outboxSentLead: (support) =>
      html`Si un compte avec mot de passe correspond à cette adresse, il existe maintenant un lien qui sert une fois et qui est valable 30 minutes. Contactez ${support} pour l’obtenir.`,
    takesMinutes:
      'Cela peut prendre quelques minutes. Regardez aussi dans vos courriers indésirables.',
    unchanged: 'Votre mot de passe reste le même tant que vous n’en définissez pas un nouveau.',
    nothingArrived: (support) =>
      html`Rien reçu, ou pas d’accès à cette boîte aux lettres ? Contactez ${support}.`,
    usedTitle: 'Ce lien a déjà été utilisé',
    usedLead: 'Il a servi à définir un nouveau mot de passe. Connectez-vous avec ce mot de passe.',
    goneLead: 'Il a expiré, ou un lien plus récent l’a remplacé. Votre mot de passe est inchangé.',
    askAgain: 'Demander un nouveau lien',
  },

  link: {
    gone: 'Ce lien n’est plus valable',
  },

  invitation: {
    newTitle: 'Choisissez un nouveau mot de passe',
    title: 'Choisissez un mot de passe',
    welcome: (name) => html`Bienvenue, ${name}`,
    newLead: (brand, name) =>
      html`Pour le compte ${brand} de ${name}. Vous serez déconnecté partout ailleurs.`,
    lead: (brand) =>
      `Choisissez un mot de passe pour terminer la configuration de votre compte ${brand}.`,
    access: 'Applications, appareils et jetons d’accès',
    keepAccess: 'Les garder connectés',
    keepAccessHint:
      'Uniquement si vous êtes sûr que personne d’autre ne connaissait votre ancien mot de passe. Sinon, leur accès est révoqué, et vous reconnecterez ce dont vous avez besoin.',
    setNew: 'Définir le nouveau mot de passe et se connecter',
    set: 'Définir le mot de passe et se connecter',
    goneLead: 'Il a déjà été utilisé, il a expiré, ou un lien plus récent l’a remplacé.',
    signedIn: 'Vous êtes connecté.',
    askForLink: (support) =>
      html`Si vous avez défini votre mot de passe, vous pouvez vous connecter. Sinon, contactez ${support} pour obtenir un nouveau lien.`,
  },

  register: {
    title: 'Créer un compte',
    toApp: (app) => html`Créez un compte pour continuer vers ${app}`,
    lead: (brand) =>
      `Nous envoyons un lien à votre adresse e-mail. Il vous permet de choisir un mot de passe pour votre compte ${brand}.`,
    domains: (domains) => `Seules les adresses de ${domains} peuvent s’inscrire.`,
    subdomain: (domain) => `un sous-domaine de ${domain}`,
    send: 'Envoyer le lien',
    approval:
      'Un administrateur approuve chaque compte avant que son titulaire puisse se connecter.',
    haveAccount: (signIn) => html`Vous avez déjà un compte ? ${signIn}`,
    sentLead: (email) => html`Nous avons envoyé un e-mail à ${email}.`,
    outboxSentLead: (support, email) =>
      html`Contactez ${support} pour obtenir le lien destiné à ${email}.`,
    useHere:
      'Ouvrez le lien dans ce navigateur pour reprendre là où vous en étiez. Il sert une fois et il est valable 24 heures.',
    nothingArrived:
      'Si rien n’arrive d’ici quelques minutes, regardez dans vos courriers indésirables et vérifiez l’adresse ci-dessus.',
    another: 'Utiliser une autre adresse',
    formTitle: 'Créez votre compte',
    formLead: (brand) =>
      `Votre adresse e-mail sera confirmée dès que vous aurez créé votre compte ${brand}.`,
    terms: 'Conditions',
    termsOfService: 'conditions d’utilisation',
    privacyPolicy: 'politique de confidentialité',
    accept: (terms) => html`J’accepte les ${terms}`,
    acceptBoth: (terms, privacy) => html`J’accepte les ${terms} et la ${privacy}`,
    acceptPrivacy: (privacy) => html`J’accepte la ${privacy}`,
    create: 'Créer le compte',
    createAndSignIn: 'Créer le compte et se connecter',
    goneLead: 'Il a déjà été utilisé, il a expiré, ou l’adresse a maintenant un compte.',
    waitsTitle: 'Votre compte est en attente d’approbation',
    waitsLead:
      'Votre adresse e-mail est confirmée. Un administrateur va maintenant décider de votre compte.',
    waitsForEmail: (support) =>
      html`Vous recevrez un e-mail lorsque vous pourrez vous connecter. Si cela prend trop de temps, contactez ${support}.`,
  },

  providers: {
    denied: {
      title: (name) => `Vous ne vous êtes pas connecté avec ${name}`,
      text: (name) => `${name} indique que la connexion a été annulée. Rien n’a été modifié.`,
    },
    refused: {
      title: (name) => `${name} a refusé la connexion`,
      text: () => 'Vous pouvez réessayer ou vous connecter autrement. Rien n’a été modifié.',
    },
    unreachable: {
      title: (name) => `${name} ne répond pas`,
      text: () => 'Réessayez dans un instant, ou connectez-vous autrement.',
    },
    invalid: {
      title: (name) => `La réponse de ${name} n’a pas été acceptée`,
      text: () =>
        'Elle n’a pas passé une vérification de ce serveur : vous n’êtes donc pas connecté. Vous pouvez réessayer ou vous connecter autrement.',
    },
    expired: {
      title: () => 'Cette connexion a expiré',
      text: (name) =>
        `Une connexion avec ${name} sert une fois, pendant dix minutes, dans le navigateur où elle a commencé. Veuillez recommencer.`,
    },
    disabled: {
      title: () => 'Votre compte est désactivé',
      text: (name) => `Vous vous êtes connecté avec ${name}, mais votre compte ici est désactivé.`,
    },
    other_account: {
      title: () => 'Il s’agit d’un autre compte',
      text: (name) =>
        `Vous vous êtes connecté avec ${name} sous une autre identité. Continuez avec le compte avec lequel vous êtes connecté ici.`,
    },
    not_fresh: {
      title: (name) => `${name} ne vous a pas demandé de vous reconnecter`,
      text: () =>
        'Cette page exige une connexion récente. Déconnectez-vous d’abord là-bas, ou confirmez autrement que c’est bien vous.',
    },
    taken: {
      title: () => 'Déjà associée à un autre compte',
      text: (name) =>
        `Cette connexion avec ${name} appartient ici à un autre compte. Dissociez-la d’abord de celui-ci.`,
    },
  },

  providerHelp: (support) => html`Si cela se reproduit, contactez ${support}.`,

  unknownIdentity: {
    hasAccountTitle: 'Vous avez déjà un compte',
    title: 'Aucun compte n’est encore associé',
    has_account: (provider, address) =>
      html`Il existe un compte avec l’adresse ${address}. Connectez-vous-y une fois pour l’associer à ${provider}.`,
    no_rule: (provider) =>
      html`Vous vous êtes connecté avec ${provider}, mais aucun compte n’y est encore associé ici. Si vous avez un compte, connectez-vous-y une fois pour l’associer.`,
    unverified: (provider) =>
      html`${provider} ne confirme pas que votre adresse e-mail vous appartient : aucun compte n’a donc été créé. Si vous avez un compte ici, connectez-vous-y une fois pour l’associer.`,
    domain: (provider) =>
      html`Vous vous êtes connecté avec ${provider}, mais votre adresse e-mail ne donne pas automatiquement droit à un compte. Si vous en avez un, connectez-vous-y une fois pour l’associer.`,
    signIn: 'Se connecter à votre compte',
    anotherWay: 'Se connecter autrement',
    noAccount: (support) => html`Pas de compte ? Contactez ${support} pour en obtenir un.`,
  },

  signOut: {
    title: (brand) => `Se déconnecter de ${brand} ?`,
    appAsks: (app, person) =>
      html`${app} demande à vous déconnecter. Vous êtes connecté en tant que ${person}.`,
    appAsksAnother: (app, person) =>
      html`${app} demande à déconnecter un autre compte. Vous êtes connecté en tant que ${person}.`,
    anApp: html`Une application`,
    stay: 'Rester connecté',
    doneTitle: 'Vous êtes déconnecté',
    appsToo: 'Vous êtes aussi déconnecté des applications que vous avez utilisées.',
    done: (brand) => `Vous êtes déconnecté de ${brand}.`,
    continueTo: (app) => html`Continuer vers ${app}`,
    frame: 'Déconnecte d’une application',
  },

  leaving: {
    title: 'Retour à l’application',
    heading: (app) => html`Retour à ${app}`,
    lead: 'Si rien ne se passe, continuez ici.',
  },

  app: {
    developer: 'Développeur',
    app: 'Application',
    notVerified: (brand) => `(non vérifié par ${brand})`,
    registered: 'Enregistrée',
    byItself: 'par elle-même',
    callsItself: 'Se nomme',
    website: 'Site web',
    terms: 'Conditions d’utilisation',
    yourAccount: 'Votre compte',
    ableTo: 'Elle pourra',
    alsoAbleTo: 'Elle pourra aussi',
    knowsYou: 'Elle saura qui vous êtes',
    nothingElse: 'Elle ne demande rien d’autre.',
    connected: 'Connectés',
    revokeAnyTime: (connected) =>
      html`Vous pouvez révoquer l’accès à tout moment sous « ${connected} ».`,
  },

  consent: {
    title: 'Autoriser une application',
    heading: (app, brand) => html`Autoriser ${app} à utiliser votre compte ${brand} ?`,
    moreHeading: (app, brand) =>
      html`Autoriser ${app} à en faire plus avec votre compte ${brand} ?`,
    continueTitle: 'Continuer vers une application',
    continueHeading: (app) => html`Continuer vers ${app}`,
    returnsTo: 'Retourne à',
    appHere: 'Une application sur cet appareil',
    programHere: 'Un programme sur cet ordinateur',
    another: 'Utiliser un autre compte',
    allowedBefore: 'Vous avez déjà autorisé',
    choose: 'À vous de choisir',
    chooseHint: 'Décochez ce que l’application ne doit pas faire.',
    chooseFor: (resource) => html`Ce qu’elle peut faire avec ${resource}`,
    caution: html`<strong>N’autorisez ceci que si vous êtes à l’origine de la demande.</strong> Vérifiez que l’adresse est bien celle de l’application.`,
    cautionOnDevice: html`<strong>N’autorisez ceci que si vous êtes à l’origine de la demande.</strong> N’importe quel programme de cet appareil peut utiliser le nom de cette application.`,
    expires: (fromNow) => `Cette demande expire ${fromNow}.`,
    expectsOther: html`<strong>L’application attend un autre compte.</strong> Vous êtes connecté avec un compte différent.`,
    signInOther: 'Se connecter avec un autre compte',
    beyondReach: html`<strong>Votre compte ne peut pas autoriser ceci.</strong> L’application demande des autorisations que vous n’avez pas :`,
    askToAllow: (support) =>
      html`Contactez ${support} pour que l’accès soit autorisé, ou pour que votre compte reçoive ces autorisations.`,
    allowedTitle: 'Déjà autorisé',
    allowedHeading: (app) => html`Vous avez autorisé ${app}`,
    allowedLead:
      'Retournez à l’application. Si vous n’y êtes pas connecté, recommencez dans l’application.',
    deniedTitle: 'Refusé',
    deniedHeading: (app) => html`L’accès de ${app} a été refusé`,
    deniedLead:
      'L’application ne peut pas utiliser votre compte. Si vous changez d’avis, recommencez dans l’application.',
    answeredTitle: 'Déjà traitée',
    answeredHeading: 'Cette demande a déjà reçu une réponse',
    answeredLead: (app) =>
      html`Une autre personne était connectée dans ce navigateur et a répondu à la demande de ${app}.`,
    answeredAdvice:
      'Pour utiliser l’application avec votre propre compte, recommencez-y la connexion.',
    goneTitle: 'Cette demande a expiré',
    goneLead:
      'Elle a pris trop de temps, a commencé dans un autre navigateur, ou l’application n’a plus le droit de demander.',
    goneAdvice: 'Retournez à l’application et recommencez.',
  },

  decisionRefused: {
    not_allowed_any_more: 'L’application n’a plus le droit de demander cela.',
    other_account:
      'L’application attend un autre compte. Connectez-vous avec ce compte, ou recommencez dans l’application.',
    nothing_chosen: 'Choisissez au moins un élément, ou refusez la demande.',
    something_changed: 'Veuillez décider à nouveau : quelque chose a changé.',
    answered:
      'Cette demande a déjà reçu une réponse dans un autre onglet ou navigateur. Retournez à l’application et recommencez.',
    disabled: 'Le compte ou l’application a été désactivé ou supprimé.',
    needs_factor: 'Cette application exige un second facteur. Reconnectez-vous et utilisez-en un.',
    lifetime:
      'L’appareil ne peut pas rester connecté aussi longtemps. Choisissez l’une des durées proposées.',
  },

  device: {
    title: 'Connecter un appareil',
    enterLead: 'Saisissez le code que votre appareil affiche.',
    hint: (example) =>
      `Huit lettres, comme ${example}. Les minuscules et l’absence de tiret sont acceptées.`,
    enterCaution:
      'Ne saisissez qu’un code que vous avez demandé vous-même, sur votre propre appareil.',
    noCode: 'Saisissez le code.',
    onlyLetters: 'Un code ne contient que des lettres. Vérifiez le code sur votre appareil.',
    eightLetters: (example) =>
      `Un code a huit lettres, comme ${example}. Vérifiez le code sur votre appareil.`,
    unknownCode:
      'Ce code n’existe pas ou a expiré. Comparez-le avec le code affiché sur votre appareil.',
    tooManyCodes: (wait) => `Trop de codes incorrects. Réessayez dans ${wait}.`,
    heading: (app) => html`Connecter ${app} ?`,
    lead: (brand) => `Cette application souhaite utiliser votre compte ${brand} sur un appareil.`,
    compare: 'Votre appareil affiche-t-il ce code ?',
    device: 'Appareil',
    ip: 'Adresse IP',
    unknown: 'Inconnue',
    sameAddress: 'la même que la vôtre',
    requested: 'Demandé',
    otherAddress:
      'L’appareil a une autre adresse IP que ce navigateur. C’est normal pour un serveur, un téléphone ou un autre réseau. Si l’appareil est à côté de vous, vérifiez le code encore une fois.',
    fullAccess: html`<strong>L’application demande un accès complet.</strong> Son jeton peut faire tout ce que vous pouvez faire. Quiconque s’en empare peut l’utiliser jusqu’à son expiration.`,
    caution: html`<strong>Ne connectez qu’un appareil que vous utilisez vous-même.</strong> L’assistance ne vous demandera jamais de le faire pour elle.`,
    connect: 'Connecter',
    expires: (fromNow) => `Ce code expire ${fromNow}.`,
    stayConnected: 'Rester connecté pendant',
    beyondReachPermission: html`<strong>Votre compte ne peut pas connecter cette application.</strong> Aucun de vos rôles n’a cette autorisation :`,
    beyondReachScopes: html`<strong>Votre compte ne peut pas connecter cette application.</strong> Elle demande des autorisations que vous n’avez pas :`,
    askForPermission: (support) =>
      html`Contactez ${support} pour que l’application soit connectée, ou pour que votre compte reçoive cette autorisation.`,
    askForScopes: (support) =>
      html`Contactez ${support} pour que l’application soit connectée, ou pour que votre compte reçoive ces autorisations.`,
    anotherCode: 'Saisir un autre code',
    approvedTitle: 'Connecté',
    approvedHeading: (app) => html`${app} est connecté`,
    approvedLead:
      'Retournez à votre appareil : il continue de lui-même en quelques secondes. Vous pouvez fermer cette page.',
    deniedTitle: 'Refusé',
    deniedHeading: (app) => html`${app} n’a pas été connecté`,
    deniedLead: 'L’application ne peut pas utiliser votre compte. Vous pouvez fermer cette page.',
    deniedAdvice: (support) =>
      html`Quelqu’un d’autre vous a envoyé le code ? Contactez ${support} pour le signaler.`,
    expiredTitle: 'Ce code a expiré',
    expiredLead:
      'Un code n’est valable que quelques minutes. Recommencez sur votre appareil pour en obtenir un nouveau.',
    newCode: 'Saisir un nouveau code',
    answeredTitle: 'Déjà traitée',
    answeredHeading: 'Cette demande a déjà reçu une réponse',
    answeredLead: (app) =>
      html`La demande de ${app} a reçu une réponse sur une autre page ou de la part de quelqu’un d’autre.`,
    answeredAdvice:
      'Vérifiez si l’application est connectée à votre compte. Si elle ne l’est pas, recommencez sur l’appareil.',
  },

  errors: {
    notFound: {
      title: 'Page introuvable',
      text: 'L’adresse est peut-être mal saisie, ou la page n’existe plus.',
    },
    notAllowed: 'Vous n’avez pas le droit de faire cela',
    formOnly: {
      title: 'Impossible d’ouvrir cette page',
      text: 'Cette adresse n’accepte qu’un formulaire. Veuillez recommencer.',
    },
    tooMany: 'Trop de requêtes',
    unavailable: {
      title: 'Momentanément indisponible',
      text: 'Une partie de ce serveur est indisponible. Rien n’a été modifié. Veuillez réessayer dans un instant.',
    },
    failed: {
      title: 'Une erreur s’est produite',
      text: 'L’erreur vient de notre côté. Veuillez réessayer.',
    },
    other: 'L’opération a échoué',
    stale: {
      title: 'Cette page n’était plus à jour',
      text: 'Vous vous êtes connecté ou déconnecté dans un autre onglet : rien n’a donc été modifié. Ouvrez à nouveau la page et vérifiez-la.',
      action: 'L’ouvrir à nouveau',
    },
    invalidRequest: {
      title: 'Demande non valide',
      ofApp: (app) => `${app} a envoyé une demande non valide`,
      text: 'Une application vous a envoyé ici avec une demande que ce serveur ne peut pas accepter. Retournez à l’application et réessayez. Si cela se reproduit, contactez les développeurs de l’application.',
      textOfApp:
        'Retournez à l’application et réessayez. Si cela se reproduit, contactez les développeurs de l’application.',
      back: (app, place) => `Retour à ${app} (${place})`,
    },
    contact: (support, requestId) =>
      html`Si cela se reproduit, contactez ${support} en indiquant l’identifiant de la requête : ${requestId}`,
    forDevelopers: 'Pour les développeurs',
    error: 'Erreur',
    description: 'Description',
    redirectUri: 'URI de redirection',
    requestId: 'Identifiant de la requête',
  },
};
