import type { Mails } from './en.ts';

/** FRENCH emails; the glossary is that of the pages. */
export const mails: Mails = {
  hello: (name) => (name ? `Bonjour ${name},` : 'Bonjour,'),
  automatic: (brand) =>
    `${brand} a envoyé cet e-mail automatiquement. Les réponses ne sont pas lues.`,
  help: (addresses) => `Assistance : ${addresses}`,
  support: (brand, addresses) => `l’assistance ${brand} (${addresses})`,
  administrator: (brand) => `un administrateur de ${brand}`,
  or: (one, other) => `${one} ou ${other}`,
  facts: {
    code: 'Code',
    codeExpires: 'Expiration du code',
    linkExpires: 'Expiration du lien',
    browser: 'Navigateur',
    ip: 'Adresse IP',
    requestedFrom: 'Demandé depuis',
    signedIn: 'Connexion',
    set: 'Défini',
    changed: 'Modifié',
  },
  links: {
    signIn: 'Se connecter',
    changePassword: 'Changer votre mot de passe',
    account: 'Vérifier votre compte',
    connected: 'Vérifier les applications et appareils connectés',
    tokens: 'Vérifier vos jetons',
  },
  ifYou: 'Si c’était vous, vous pouvez ignorer cet e-mail.',
  ignore: 'Si vous ne vous y attendiez pas, vous pouvez ignorer cet e-mail.',
  signInCode: {
    subject: 'Votre code de connexion',
    opening:
      'Quelqu’un a saisi votre mot de passe dans un navigateur qui n’avait encore jamais été utilisé pour votre compte. Pour continuer, saisissez-y ce code.',
    secret: 'Ne communiquez jamais ce code à qui que ce soit. L’assistance n’en a pas besoin.',
    ifNotYou: (contact) =>
      `Si ce n’était pas vous, quelqu’un connaît votre mot de passe. Changez-le et contactez ${contact}.`,
  },
  passwordReset: {
    noneSubject: 'Votre compte n’a pas de mot de passe',
    noneOpening:
      'Quelqu’un a demandé un lien pour définir un nouveau mot de passe pour votre compte, qui n’en a pas encore.',
    noneAdvice: (contact) =>
      `Si c’était vous, connectez-vous comme vous le faisiez auparavant, ou contactez ${contact} pour obtenir une invitation. Sinon, vous pouvez ignorer cet e-mail.`,
    subject: 'Définissez un nouveau mot de passe',
    opening: 'Quelqu’un a demandé un lien pour définir un nouveau mot de passe pour votre compte.',
    once: 'Le lien sert une fois. Si vous en avez demandé plusieurs, seul le plus récent est valable.',
    ifNotYou:
      'Si ce n’était pas vous, vous pouvez ignorer cet e-mail : votre mot de passe reste inchangé.',
  },
  invited: {
    subject: (brand) => `Vous êtes invité à rejoindre ${brand}`,
    newSubject: 'Définissez un nouveau mot de passe',
    opening: (brand) =>
      `Vous avez un nouveau compte ${brand}. Choisissez un mot de passe pour vous connecter.`,
    newOpening: (brand) =>
      `Ce lien vous permet de définir un nouveau mot de passe pour votre compte ${brand}.`,
    secret:
      'Le lien sert une fois. Ne le transmettez pas : quiconque le possède peut se connecter à votre place.',
    newUnexpected: (contact) =>
      `Si vous ne vous y attendiez pas, n’utilisez pas le lien et contactez ${contact}.`,
    choose: 'Choisir un mot de passe',
  },
  passwordChanged: {
    setSubject: 'Votre mot de passe a été défini',
    setByLink: 'Un mot de passe a été défini pour votre compte à l’aide d’un lien d’invitation.',
    setOnPage:
      'Un mot de passe a été défini sur la page de votre compte. Vous pouvez désormais l’utiliser pour vous connecter.',
    subject: 'Votre mot de passe a été changé',
    byLink:
      'Le mot de passe de votre compte a été défini à l’aide d’un lien. Tous les autres navigateurs ont été déconnectés.',
    onPage:
      'Le mot de passe de votre compte a été changé. Tous les autres navigateurs ont été déconnectés.',
    ended:
      'L’accès de vos applications, appareils et jetons d’accès personnels a aussi été révoqué. Reconnectez ce dont vous avez encore besoin.',
    kept: 'Vos applications, appareils et jetons d’accès personnels conservent leur accès.',
    ifNotYou: (contact) =>
      `Si ce n’était pas vous, quelqu’un d’autre a peut-être accès à votre compte. Contactez immédiatement ${contact} et demandez un nouveau lien.`,
  },
  newSignIn: {
    subject: 'Nouvelle connexion à votre compte',
    opening:
      'Quelqu’un s’est connecté à votre compte avec un navigateur qui n’avait encore jamais été utilisé pour celui-ci.',
    ifNotYou: (contact) =>
      `Si ce n’était pas vous, quelqu’un d’autre a peut-être accès à votre compte. Déconnectez ce navigateur, changez votre mot de passe et contactez immédiatement ${contact}.`,
  },
  registration: {
    subject: (brand) => `Créez votre compte ${brand}`,
    opening: (brand) =>
      `Cette adresse e-mail a été utilisée pour créer un compte ${brand}. Confirmez qu’elle vous appartient et choisissez un mot de passe.`,
    once: 'Le lien sert une fois.',
    ifNotYou: 'Si vous n’avez rien demandé, ignorez cet e-mail : aucun compte ne sera créé.',
    create: 'Créer votre compte',
  },
};
