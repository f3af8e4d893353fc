/**
 * ENGLISH, THE SOURCE. Every other language has the same messages (`Messages`): a missing or an extra one fails the
 * typecheck. A message with parts is a function; parts that are `Html` are names or links, already escaped.
 *
 * Glossary: sign in, sign out, account, password, passkey, second factor, authenticator app, recovery code, app, device,
 * scope, allow and deny (an app), connect (a device), revoke (access), administrator, outbox.
 */
import { html } from 'hono/html';
import type { Html } from '../layout/html.ts';
import { mails } from './mails/en.ts';

export const en = {
  /** The tag of the language (BCP 47), and its own name. */
  code: 'en',
  name: 'English',

  mails,

  layout: {
    error: 'Error: ',
    skip: 'Skip to content',
    signedInAs: (person: Html) => html`Signed in as ${person}`,
    signOut: 'Sign out',
    about: 'About this service',
    support: 'Support',
    terms: 'Terms',
    privacy: 'Privacy',
    language: 'Language',
  },

  /** Whom people ask for help, in sentences such as `askForHelp`. */
  support: {
    team: (brand: string) => `${brand} support`,
    administrator: (brand: Html) => html`an administrator of ${brand}`,
  },

  times: {
    now: 'just now',
    soon: 'in less than a minute',
  },

  /** Programs and devices, in the middle of a sentence. */
  devices: {
    unknown: 'an unknown device',
    commandLine: (program: string) => `${program} on a command line`,
    writ: 'the writ command line',
    writtenIn: (language: string) => `a program written in ${language}`,
    on: (browser: string, system: string) => `${browser} on ${system}`,
    tv: (system: string) => `${system} TV`,
    phone: (system: string) => `${system} phone`,
    tablet: (system: string) => `${system} tablet`,
  },

  fields: {
    email: 'Email',
    password: 'Password',
    name: 'Name',
    code: 'Code',
    recoveryCode: 'Recovery code',
    newPassword: 'New password',
    newPasswordHint: 'At least 10 characters. A few unrelated words make a good password.',
    repeatPassword: 'Repeat new password',
  },

  /** Buttons and links of several pages. */
  actions: {
    continue: 'Continue',
    signIn: 'Sign in',
    signInAgain: 'Sign in again',
    backToSignIn: 'Back to sign-in',
    goBack: 'Go back',
    toAccount: 'Go to your account',
    toStart: 'Go to the start page',
    createAccount: 'Create an account',
    allow: 'Allow',
    deny: 'Deny',
    seeConnected: 'See connected apps and devices',
  },

  /** What is wrong with a form. */
  problems: {
    stale: 'This page was out of date, or your browser does not accept cookies. Please try again.',
    gone: 'This no longer exists: it was changed or deleted in the meantime.',
    tooManyAttempts: (wait: string) => `Too many attempts. Try again in ${wait}.`,
    noEmail: 'Enter your email address.',
    noPassword: 'Enter your password.',
    noNewPassword: 'Enter a password.',
    noCode: 'Enter a code.',
    noEmailCode: 'Enter the code of the email.',
    wrongEmailCode: 'The code is incorrect. Check the newest email.',
    wrongAppCode: 'This code is not correct. Enter the code that the app shows now.',
    wrongRecoveryCode: 'This code is not correct, or was used before.',
    repeat: 'The two passwords are different.',
    terms: 'Accept them to create an account.',
    noName: 'Enter a name.',
    nameTooLong: (length: number) => `The name is too long. Enter at most ${length} characters.`,
    nameUnusable:
      'The name has characters that cannot be used. Use letters, digits and symbols on one line.',
    emailInvalid: 'This is not a valid email address.',
    emailDomain: (domains: string) => `The address must be at ${domains}.`,
  },

  signInRefused: {
    wrong: 'The email address or password is incorrect.',
    busy: 'Too many people are signing in at the moment. Try again in a few seconds.',
  },

  passwordRefused: {
    too_short: (length: number) => `The password is too short. Use at least ${length} characters.`,
    too_long: (length: number) => `The password is too long. Use at most ${length} characters.`,
    too_common:
      'The password is too easy to guess: it is a common password or follows a pattern. Use several unrelated words.',
    too_personal:
      'The password is too easy to guess: it is mostly your name or address, or that of this service. Use several words that are unrelated to you.',
    unusable:
      'The password contains a character that cannot be typed. Use letters, digits and symbols.',
    unchanged: 'Choose a password that differs from the current one.',
    wrong_current: 'The current password is incorrect.',
    not_recent: 'Your sign-in is too long ago. Sign in again first.',
  },

  passkeyRefused: {
    wrong: 'This passkey does not work here. Use another one, or another way to sign in.',
    expired: 'This took too long, or was started in another browser. Try again.',
    unverified:
      'This passkey did not check who is using it, so it only works after your password. Sign in with your password first.',
    cloned:
      'This passkey was refused, because there seems to be a copy of it. Sign in another way, and remove it from your account.',
    full: 'Your account has as many passkeys as it can have. Remove one first.',
    known: 'This passkey has been added already.',
  },

  /** What the script of passkeys says, by the name of the error in the browser. */
  passkeyScript: {
    NotAllowedError: 'No passkey was used. Try again, or choose another way.',
    InvalidStateError: 'This device or security key already has a passkey for your account.',
    SecurityError: 'Passkeys do not work at this address.',
    NotSupportedError: 'This device cannot create a passkey for this site.',
    stale: 'This page is out of date. Reload it and try again.',
  },

  notices: {
    signed_out: 'You are signed out.',
    account_deleted: 'Your account is deleted.',
    sign_in_expired: 'This sign-in has expired. Please sign in again.',
  },

  /** Why a person signs in; each ends a sentence of `signIn`. */
  purposes: {
    app: (app: Html) => html` to continue to ${app}`,
    anApp: ' to continue to an app',
    device: ' to connect a device',
    invitation: ' to answer an invitation',
    apps: ' to continue to your apps',
    tokens: ' to continue to your tokens',
    provider: ' to connect it',
  },

  signIn: {
    title: 'Sign in',
    toApp: (app: Html) => html`Sign in to continue to ${app}`,
    lead: (brand: string, purpose: Html | string) => html`Use your ${brand} account${purpose}.`,
    confirmTitle: 'Confirm your password',
    confirmLead: (purpose: Html | string) => html`Enter your password again${purpose}.`,
    itIsYouTitle: 'Confirm that it is you',
    itIsYouLead: (purpose: Html | string) => html`Sign in again${purpose}.`,
    usePassword: 'Use your password',
    usePasskey: 'Use a passkey',
    withPasskey: 'Sign in with a passkey',
    passkeysNeedJavaScript: 'Your passkeys need JavaScript, which this browser does not run.',
    noWay: (support: Html) =>
      html`You have no way to confirm here: no password, and no passkey or provider that works at present. Ask ${support} for a link.`,
    continueAs: (person: Html) => html`Continue as ${person}`,
    forgot: 'Forgot your password?',
    noAccount: (create: Html) => html`No account? ${create}`,
    noAccountAsk: (support: Html) => html`No account? Ask ${support} for an invitation.`,
    continueWith: (provider: Html) => html`Continue with ${provider}`,
    lastUsed: 'Last used',
  },

  signInPaused: {
    title: 'Sign-in from new browsers is paused',
    lead: 'There were too many wrong passwords in a row for this email address. Until its owner signs in, only browsers that they used before can sign in.',
    knownBrowser:
      'Sign in from a browser or phone that you have used before. Your password still works there, and the pause ends.',
    newPassword: (support: Html) =>
      html`Or <a href="/sign-in/forgot">set a new password</a>, which also ends the pause. If you cannot, ask ${support}.`,
  },

  emailCode: {
    title: 'Check your email',
    lead: 'Your account was not used in this browser before. Enter the code that we sent to your email address.',
    hint: 'It works for 10 minutes.',
    nothingArrived: (again: string, support: Html) =>
      html`Nothing arrived? Look in your spam folder, or <a href="${again}">sign in again</a> in a minute for another code. No access to that mailbox? Ask ${support}.`,
    expiredTitle: 'This code no longer works',
    expiredLead:
      'It has expired, or there were too many wrong ones. Sign in again to get another code.',
    noEmail: (support: Html) => html`No email arrives? Ask ${support}.`,
  },

  factor: {
    codeTitle: 'Enter a code',
    codeLead: 'Open your authenticator app and enter the code that it shows.',
    recoveryTitle: 'Use a recovery code',
    recoveryLead: 'Enter one of the codes that you kept. It works only once.',
    remember: (days: number) =>
      `Do not ask again in this browser for ${days} ${days === 1 ? 'day' : 'days'}`,
    noCodesLeft: (support: Html) => html`No codes left? Ask ${support} for help.`,
    lostPhone: (support: Html) =>
      html`Lost your phone? Use a recovery code, or ask ${support} for help.`,
    passkeyTitle: 'Use your passkey',
    passkeyLead:
      'Your browser asks for the passkey or the security key that you added to your account.',
    noPasskeys:
      'This browser has no passkeys, or JavaScript is off. Choose another way, or open this page in a current browser with JavaScript.',
    usePasskey: 'Use the passkey',
    lostPasskey: (support: Html) => html`Lost your passkey? Ask ${support} for help.`,
    lostPasskeyOtherWays: (support: Html) =>
      html`Lost your passkey? Use another way, or ask ${support} for help.`,
    ways: {
      passkey: 'Use a passkey',
      authenticator: 'Use your authenticator app',
      recovery: 'Use a recovery code',
    },
  },

  enrol: {
    title: 'Set up a second factor',
    lead: 'You need one to go on: a passkey, or an app that shows codes.',
    createPasskey: 'Create a passkey',
    app: 'Authenticator app',
    scan: 'Scan this code with your app, then enter the code that the app shows.',
    qr: 'QR code with the key below',
    key: (key: Html) => html`Cannot scan it? Enter this key in the app: ${key}`,
    confirm: 'Confirm and go on',
    codesTitle: 'Your recovery codes',
    codesLead: 'Your second factor is set up. If you lose it, these codes let you sign in.',
    goOn: 'Go on',
  },

  recoveryCodes: {
    heading: 'Recovery codes',
    caution: html`<strong>Print or save these codes now: they are shown only once.</strong> Keep them where you would keep a spare key. Each works once.`,
    download: 'Download',
    file: 'recovery-codes.txt',
    fileTitle: (brand: string, person: string) =>
      `Recovery codes of ${brand}${person && ` for ${person}`}`,
    fileText: 'Each works once, in place of your second factor.',
  },

  factorsReset: {
    title: 'Keep your second factors',
    lead: (brand: string, name: Html, moment: Html) =>
      html`The second factors of the ${brand} account of ${name} will be removed on ${moment}, because an administrator has planned it.`,
    keep: 'Keep them',
    asked: 'If you lost yours and asked for this, there is nothing to do: close this page.',
    stoppedTitle: 'Your second factors stay',
    stoppedLead:
      'They will not be removed. If you did not ask for it, someone may know your password: change it now.',
    changePassword: 'Change your password',
    goneLead: 'The removal of the second factors was stopped, or it has happened.',
  },

  forgot: {
    title: 'Forgot your password?',
    noneLead: (support: Html) =>
      html`This installation sends no email. Ask ${support} for a link to set a new password.`,
    lead: 'Enter your email address, and we send you a link to set a new password.',
    outboxLead: (support: Html) =>
      html`This installation sends no email. Ask for a link here; ${support} finds it in the outbox and can pass it on.`,
    send: 'Send a link',
    ask: 'Ask for a link',
    sentTitle: 'Check your email',
    sentLead:
      'If an account with a password has this address, a link is on its way. It works once, for 30 minutes.',
    outboxTitle: 'Your request is in the outbox',
    outboxSentLead: (support: Html) =>
      html`If an account with a password has this address, there is a link now that works once, for 30 minutes. Ask ${support} for it.`,
    takesMinutes: 'It can take a few minutes. Look in your spam folder as well.',
    unchanged: 'Your password stays as it is until you set a new one.',
    nothingArrived: (support: Html) =>
      html`Nothing arrived, or no access to that mailbox? Ask ${support}.`,
    usedTitle: 'This link was already used',
    usedLead: 'A new password was set with it. Sign in with that password.',
    goneLead: 'It has expired, or a newer link replaced it. Your password is unchanged.',
    askAgain: 'Ask for a new link',
  },

  link: {
    gone: 'This link no longer works',
  },

  invitation: {
    newTitle: 'Choose a new password',
    title: 'Choose a password',
    welcome: (name: Html) => html`Welcome, ${name}`,
    newLead: (brand: string, name: Html) =>
      html`For the ${brand} account of ${name}. You will be signed out everywhere else.`,
    lead: (brand: string) => `Choose a password to finish setting up your ${brand} account.`,
    access: 'Apps, devices and access tokens',
    keepAccess: 'Keep them connected',
    keepAccessHint:
      'Only if you are sure that no one else knew your old password. Otherwise their access is revoked, and you connect what you need again.',
    setNew: 'Set new password and sign in',
    set: 'Set password and sign in',
    goneLead: 'It was already used, it has expired, or a newer link replaced it.',
    signedIn: 'You are signed in.',
    askForLink: (support: Html) =>
      html`If you have set your password, you can sign in. Otherwise ask ${support} for a new link.`,
  },

  register: {
    title: 'Create an account',
    toApp: (app: Html) => html`Create an account to continue to ${app}`,
    lead: (brand: string) =>
      `We send a link to your email address. With it, you choose a password for your ${brand} account.`,
    domains: (domains: string) => `Only addresses at ${domains} can register.`,
    /** Domains whose addresses can register, and a domain with all below it. */
    subdomain: (domain: string) => `a subdomain of ${domain}`,
    send: 'Send link',
    approval: 'An administrator approves each account before its owner can sign in.',
    haveAccount: (signIn: Html) => html`Already have an account? ${signIn}`,
    sentLead: (email: Html) => html`We sent an email to ${email}.`,
    outboxSentLead: (support: Html, email: Html) => html`Ask ${support} for the link for ${email}.`,
    useHere:
      'Use its link in this browser to continue where you were. The link works once, for 24 hours.',
    nothingArrived:
      'If nothing arrives within a few minutes, look among your spam, and check the address above.',
    another: 'Use another address',
    formTitle: 'Create your account',
    formLead: (brand: string) =>
      `Your email address is confirmed once you create your ${brand} account.`,
    terms: 'Terms',
    termsOfService: 'terms of service',
    privacyPolicy: 'privacy policy',
    accept: (terms: Html) => html`I accept the ${terms}`,
    acceptBoth: (terms: Html, privacy: Html) => html`I accept the ${terms} and the ${privacy}`,
    acceptPrivacy: (privacy: Html) => html`I accept the ${privacy}`,
    create: 'Create account',
    createAndSignIn: 'Create account and sign in',
    goneLead: 'It was already used, it has expired, or the address has an account by now.',
    waitsTitle: 'Your account waits for approval',
    waitsLead: 'Your email address is confirmed. An administrator now decides about your account.',
    waitsForEmail: (support: Html) =>
      html`You get an email when you can sign in. If it takes too long, ask ${support}.`,
  },

  providers: {
    denied: {
      title: (name: string) => `You did not sign in with ${name}`,
      text: (name: string) => `${name} says that the sign-in was cancelled. Nothing was changed.`,
    },
    refused: {
      title: (name: string) => `${name} refused the sign-in`,
      text: (_name: string) => 'You can try again, or sign in another way. Nothing was changed.',
    },
    unreachable: {
      title: (name: string) => `${name} does not answer`,
      text: (_name: string) => 'Try again in a moment, or sign in another way.',
    },
    invalid: {
      title: (name: string) => `The answer of ${name} was not accepted`,
      text: (_name: string) =>
        'It failed a check of this server, so you are not signed in. You can try again, or sign in another way.',
    },
    expired: {
      title: (_name: string) => 'This sign-in has expired',
      text: (name: string) =>
        `A sign-in with ${name} works once, for ten minutes, in the browser that began it. Please start again.`,
    },
    disabled: {
      title: (_name: string) => 'Your account is disabled',
      text: (name: string) => `You signed in with ${name}, but your account here is disabled.`,
    },
    other_account: {
      title: (_name: string) => 'That is another account',
      text: (name: string) =>
        `You signed in with ${name} as someone else. Continue with the account that you are signed in with here.`,
    },
    not_fresh: {
      title: (name: string) => `${name} did not ask you to sign in again`,
      text: (_name: string) =>
        'This page needs a recent sign-in. Sign out there first, or confirm it another way.',
    },
    taken: {
      title: (_name: string) => 'It is connected to another account',
      text: (name: string) =>
        `This sign-in with ${name} belongs to another account here. Disconnect it there first.`,
    },
  },

  providerHelp: (support: Html) => html`If it happens again, contact ${support}.`,

  unknownIdentity: {
    hasAccountTitle: 'You have an account already',
    title: 'No account is connected yet',
    has_account: (provider: Html, address: Html) =>
      html`There is an account with the address ${address}. Sign in to it once to connect it with ${provider}.`,
    no_rule: (provider: Html, _address: Html) =>
      html`You signed in with ${provider}, but no account here is connected with it yet. If you have an account, sign in to it once to connect it.`,
    unverified: (provider: Html, _address: Html) =>
      html`${provider} does not confirm that your email address is yours, so no account was created. If you have an account here, sign in to it once to connect it.`,
    domain: (provider: Html, _address: Html) =>
      html`You signed in with ${provider}, but people with your email address do not get an account by themselves. If you have one, sign in to it once to connect it.`,
    signIn: 'Sign in to your account',
    anotherWay: 'Sign in another way',
    noAccount: (support: Html) => html`No account? Ask ${support} for one.`,
  },

  signOut: {
    title: (brand: string) => `Sign out of ${brand}?`,
    appAsks: (app: Html, person: Html) =>
      html`${app} asks to sign you out. You are signed in as ${person}.`,
    appAsksAnother: (app: Html, person: Html) =>
      html`${app} asks to sign another account out. You are signed in as ${person}.`,
    anApp: html`An app`,
    stay: 'Stay signed in',
    doneTitle: 'You are signed out',
    appsToo: 'The apps that you used are signed out too.',
    done: (brand: string) => `You are signed out of ${brand}.`,
    continueTo: (app: Html) => html`Continue to ${app}`,
    frame: 'Signs out of an app',
  },

  leaving: {
    title: 'Back to the app',
    heading: (app: Html) => html`Back to ${app}`,
    lead: 'If nothing happens, continue here.',
  },

  /** What consent and device pages say about an app. */
  app: {
    developer: 'Developer',
    app: 'App',
    notVerified: (brand: string) => `(not verified by ${brand})`,
    registered: 'Registered',
    byItself: 'by itself',
    callsItself: 'Calls itself',
    website: 'Website',
    terms: 'Terms',
    yourAccount: 'Your account',
    ableTo: 'It will be able to',
    alsoAbleTo: 'It will also be able to',
    knowsYou: 'It will know who you are',
    nothingElse: 'It asks for nothing else.',
    connected: 'Connected',
    revokeAnyTime: (connected: Html) => html`You can revoke access at any time under ${connected}.`,
  },

  consent: {
    title: 'Allow an app',
    heading: (app: Html, brand: string) => html`Allow ${app} to use your ${brand} account?`,
    moreHeading: (app: Html, brand: string) =>
      html`Allow ${app} to do more with your ${brand} account?`,
    continueTitle: 'Continue to an app',
    continueHeading: (app: Html) => html`Continue to ${app}`,
    returnsTo: 'Returns to',
    appHere: 'An app on this device',
    programHere: 'A program on this computer',
    another: 'Use another account',
    allowedBefore: 'You have already allowed',
    choose: 'You can choose',
    chooseHint: 'Untick what it must not do.',
    chooseFor: (resource: Html) => html`What it can do with ${resource}`,
    caution: html`<strong>Only allow this if you started it yourself.</strong> Check that the address is the app’s.`,
    cautionOnDevice: html`<strong>Only allow this if you started it yourself.</strong> Any program on this device can use the name of this app.`,
    expires: (fromNow: string) => `This request expires ${fromNow}.`,
    expectsOther: html`<strong>The app expects another account.</strong> You are signed in with a different one.`,
    signInOther: 'Sign in with another account',
    beyondReach: html`<strong>Your account cannot allow this.</strong> The app asks for scopes that you do not have:`,
    askToAllow: (support: Html) =>
      html`Ask ${support} to allow it, or to give your account these scopes.`,
    allowedTitle: 'Already allowed',
    allowedHeading: (app: Html) => html`You allowed ${app}`,
    allowedLead: 'Return to the app. If you are not signed in there, start again in the app.',
    deniedTitle: 'Denied',
    deniedHeading: (app: Html) => html`${app} was denied access`,
    deniedLead: 'It cannot use your account. If you change your mind, start again in the app.',
    answeredTitle: 'Already answered',
    answeredHeading: 'This request was already answered',
    answeredLead: (app: Html) =>
      html`Another person was signed in to this browser and answered the request of ${app}.`,
    answeredAdvice: 'To use the app with your own account, start again there.',
    goneTitle: 'This request has expired',
    goneLead:
      'It took too long, was started in another browser, or the app is no longer allowed to ask.',
    goneAdvice: 'Go back to the app and start again.',
  },

  /** Why a decision was refused, by the kind of the error. */
  decisionRefused: {
    not_allowed_any_more: 'The app is no longer allowed to ask for this.',
    other_account:
      'The app expects another account. Sign in with that account, or start again in the app.',
    nothing_chosen: 'Choose at least one item, or deny the request.',
    something_changed: 'Decide again: something has changed.',
    answered:
      'This request was already answered in another tab or browser. Go back to the app and start again.',
    disabled: 'The account or the app has been disabled or deleted.',
    needs_factor: 'This app requires a second factor. Sign in again and prove one.',
    lifetime: 'The device cannot stay connected for that long. Choose one of the offered times.',
  },

  device: {
    title: 'Connect a device',
    enterLead: 'Enter the code that your device shows.',
    hint: (example: string) =>
      `Eight letters, such as ${example}. Lower case and a missing dash are fine.`,
    enterCaution: 'Only enter a code that you requested yourself, on your own device.',
    noCode: 'Enter the code.',
    onlyLetters: 'A code has only letters. Check the code on your device.',
    eightLetters: (example: string) =>
      `A code has eight letters, such as ${example}. Check the code on your device.`,
    unknownCode:
      'This code does not exist or has expired. Compare it with the code on your device.',
    tooManyCodes: (wait: string) => `Too many wrong codes. Try again in ${wait}.`,
    heading: (app: Html) => html`Connect ${app}?`,
    lead: (brand: string) => `This app wants to use your ${brand} account on a device.`,
    compare: 'Does your device show this code?',
    device: 'Device',
    ip: 'IP address',
    unknown: 'Unknown',
    sameAddress: 'the same as yours',
    requested: 'Requested',
    otherAddress:
      'The device has a different IP address than this browser. That is normal for a server, a phone or another network. If the device is next to you, check the code again.',
    fullAccess: html`<strong>It asks for full access.</strong> Its token can do everything that you can. Anyone who gets hold of it can use it until it expires.`,
    caution: html`<strong>Only connect a device that you use yourself.</strong> Support staff never ask you to do this for them.`,
    connect: 'Connect',
    expires: (fromNow: string) => `This code expires ${fromNow}.`,
    stayConnected: 'Stay connected for',
    beyondReachPermission: html`<strong>Your account cannot connect this app.</strong> None of your roles has this permission:`,
    beyondReachScopes: html`<strong>Your account cannot connect this app.</strong> It asks for scopes that you do not have:`,
    askForPermission: (support: Html) =>
      html`Ask ${support} to connect it, or to give your account this permission.`,
    askForScopes: (support: Html) =>
      html`Ask ${support} to connect it, or to give your account these scopes.`,
    anotherCode: 'Enter another code',
    approvedTitle: 'Connected',
    approvedHeading: (app: Html) => html`${app} is connected`,
    approvedLead:
      'Return to your device: it continues by itself within a few seconds. You can close this page.',
    deniedTitle: 'Denied',
    deniedHeading: (app: Html) => html`${app} was not connected`,
    deniedLead: 'It cannot use your account. You can close this page.',
    deniedAdvice: (support: Html) => html`Did someone else send you the code? Tell ${support}.`,
    expiredTitle: 'This code has expired',
    expiredLead:
      'A code works for a few minutes only. Start again on your device to get a new one.',
    newCode: 'Enter a new code',
    answeredTitle: 'Already answered',
    answeredHeading: 'This request was already answered',
    answeredLead: (app: Html) =>
      html`The request of ${app} was answered on another page or by someone else.`,
    answeredAdvice:
      'Check whether it is connected to your account. If it is not, start again on the device.',
  },

  errors: {
    notFound: {
      title: 'Page not found',
      text: 'The address may be mistyped, or the page no longer exists.',
    },
    notAllowed: 'You are not allowed to do this',
    formOnly: {
      title: 'This page cannot be opened',
      text: 'This address only accepts a form. Please start again.',
    },
    tooMany: 'Too many requests',
    unavailable: {
      title: 'Temporarily unavailable',
      text: 'A part of this server is unavailable. Nothing was changed. Please try again in a moment.',
    },
    failed: {
      title: 'Something went wrong',
      text: 'This is our fault. Please try again.',
    },
    other: 'This did not work',
    stale: {
      title: 'This page was out of date',
      text: 'You signed in or out in another tab, so nothing was changed. Open the page again and check it.',
      action: 'Open it again',
    },
    invalidRequest: {
      title: 'Invalid request',
      ofApp: (app: string) => `${app} sent an invalid request`,
      text: 'An app sent you here with a request that this server cannot accept. Go back to the app and try again. If it happens again, contact the developers of the app.',
      textOfApp:
        'Go back to the app and try again. If it happens again, contact the developers of the app.',
      back: (app: string, place: string) => `Back to ${app} (${place})`,
    },
    contact: (support: Html, requestId: Html) =>
      html`If it happens again, contact ${support} and include the request ID: ${requestId}`,
    forDevelopers: 'For developers',
    error: 'Error',
    description: 'Description',
    redirectUri: 'Redirect URI',
    requestId: 'Request ID',
  },
};

/** The messages of a language. */
export type Messages = typeof en;
