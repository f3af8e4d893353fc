/** ENGLISH emails, the source of those in other languages. */
export const mails = {
  hello: (name: string) => (name ? `Hello ${name},` : 'Hello,'),
  automatic: (brand: string) => `${brand} sent this email automatically. Replies are not read.`,
  help: (addresses: string) => `Help: ${addresses}`,
  /** Whom the person can ask, in sentences such as `ifNotYou`. */
  support: (brand: string, addresses: string) => `${brand} support (${addresses})`,
  administrator: (brand: string) => `an administrator of ${brand}`,
  or: (one: string, other: string) => `${one} or ${other}`,
  facts: {
    code: 'Code',
    codeExpires: 'Code expires',
    linkExpires: 'Link expires',
    browser: 'Browser',
    ip: 'IP address',
    requestedFrom: 'Requested from',
    signedIn: 'Signed in',
    set: 'Set',
    changed: 'Changed',
  },
  links: {
    signIn: 'Sign in',
    changePassword: 'Change your password',
    account: 'Review your account',
    connected: 'Review connected apps and devices',
    tokens: 'Review your tokens',
  },
  ifYou: 'If this was you, you can ignore this email.',
  ignore: 'If you did not expect this, you can ignore this email.',
  signInCode: {
    subject: 'Your sign-in code',
    opening:
      'Someone entered your password in a browser that was not used for your account before. To go on, enter this code there.',
    secret: 'Never give the code to anyone. Support does not need it.',
    ifNotYou: (contact: string) =>
      `If this was not you, someone knows your password. Change it, and contact ${contact}.`,
  },
  passwordReset: {
    noneSubject: 'Your account has no password',
    noneOpening:
      'Someone asked for a link to set a new password for your account, which has none so far.',
    noneAdvice: (contact: string) =>
      `If this was you, sign in the way that you did before, or ask ${contact} for an invitation. Otherwise you can ignore this email.`,
    subject: 'Set a new password',
    opening: 'Someone asked for a link to set a new password for your account.',
    once: 'The link works once. If you asked more than once, only the newest link works.',
    ifNotYou: 'If this was not you, you can ignore this email: your password stays as it is.',
  },
  invited: {
    subject: (brand: string) => `You are invited to ${brand}`,
    newSubject: 'Set a new password',
    opening: (brand: string) =>
      `You have a new ${brand} account. Choose a password to sign in with.`,
    newOpening: (brand: string) =>
      `With this link you set a new password for your ${brand} account.`,
    secret: 'The link works once. Do not pass it on: anyone who has it can sign in as you.',
    newUnexpected: (contact: string) =>
      `If you did not expect this, do not use the link, and contact ${contact}.`,
    choose: 'Choose a password',
  },
  passwordChanged: {
    setSubject: 'Your password was set',
    setByLink: 'A password was set for your account with an invitation link.',
    setOnPage:
      'A password was set for your account on its account page. You can sign in with it from now on.',
    subject: 'Your password was changed',
    byLink: 'The password of your account was set with a link. Every other browser was signed out.',
    onPage: 'The password of your account was changed. Every other browser was signed out.',
    ended:
      'The access of your apps, devices and personal access tokens was revoked as well. Connect what you still need again.',
    kept: 'Your apps, devices and personal access tokens still have access.',
    ifNotYou: (contact: string) =>
      `If this was not you, someone else may have access to your account. Contact ${contact} at once, and ask for a new link.`,
  },
  newSignIn: {
    subject: 'New sign-in to your account',
    opening: 'Your account was used to sign in with a browser that was not used for it before.',
    ifNotYou: (contact: string) =>
      `If this was not you, someone else may have access to your account. Sign that browser out, change your password, and contact ${contact} at once.`,
  },
  registration: {
    subject: (brand: string) => `Create your ${brand} account`,
    opening: (brand: string) =>
      `This email address was used to create an account at ${brand}. Confirm that it is yours, and choose a password.`,
    once: 'The link works once.',
    ifNotYou: 'If you did not ask for this, ignore this email: no account is created.',
    create: 'Create your account',
  },
};

export type Mails = typeof mails;
