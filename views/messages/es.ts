/**
 * SPANISH, with “tú”, in words that are customary in Spain and in Latin America.
 *
 * Glossary: sign in = iniciar sesión, sign out = cerrar sesión, account = cuenta, password = contraseña, passkey = llave de
 * acceso, second factor = segundo factor, authenticator app = aplicación de autenticación, recovery code = código de
 * recuperación, app = aplicación, device = dispositivo, scope = permiso, allow = permitir, deny = rechazar, connect (a
 * device) = conectar, revoke = revocar, administrator = administrador, outbox = bandeja de salida, invitation =
 * invitación, provider = proveedor. Whom people ask (`support`) follows “Ponte en contacto con”.
 */
import { html } from 'hono/html';
import type { Messages } from './en.ts';
import { mails } from './mails/es.ts';

export const es: Messages = {
  code: 'es',
  name: 'Español',

  mails,

  layout: {
    error: 'Error: ',
    skip: 'Ir al contenido',
    signedInAs: (person) => html`Sesión iniciada como ${person}`,
    signOut: 'Cerrar sesión',
    about: 'Acerca de este servicio',
    support: 'Ayuda',
    terms: 'Términos',
    privacy: 'Privacidad',
    language: 'Idioma',
  },

  support: {
    team: (brand) => `el soporte de ${brand}`,
    administrator: (brand) => html`un administrador de ${brand}`,
  },

  times: {
    now: 'ahora mismo',
    soon: 'en menos de un minuto',
  },

  devices: {
    unknown: 'un dispositivo desconocido',
    commandLine: (program) => `${program} en la línea de comandos`,
    writ: 'la línea de comandos writ',
    writtenIn: (language) => `un programa escrito en ${language}`,
    on: (browser, system) => `${browser} en ${system}`,
    tv: (system) => `Televisor ${system}`,
    phone: (system) => `Teléfono ${system}`,
    tablet: (system) => `Tableta ${system}`,
  },

  fields: {
    email: 'Correo electrónico',
    password: 'Contraseña',
    name: 'Nombre',
    code: 'Código',
    recoveryCode: 'Código de recuperación',
    newPassword: 'Nueva contraseña',
    newPasswordHint:
      'Al menos 10 caracteres. Unas cuantas palabras sin relación entre sí forman una buena contraseña.',
    repeatPassword: 'Repite la nueva contraseña',
  },

  actions: {
    continue: 'Continuar',
    signIn: 'Iniciar sesión',
    signInAgain: 'Iniciar sesión de nuevo',
    backToSignIn: 'Volver al inicio de sesión',
    goBack: 'Volver',
    toAccount: 'Ir a tu cuenta',
    toStart: 'Ir a la página de inicio',
    createAccount: 'Crear una cuenta',
    allow: 'Permitir',
    deny: 'Rechazar',
    seeConnected: 'Ver las aplicaciones y los dispositivos conectados',
  },

  problems: {
    stale:
      'Esta página no estaba actualizada o tu navegador no acepta cookies. Inténtalo de nuevo.',
    gone: 'Esto ya no existe: se modificó o se eliminó mientras tanto.',
    tooManyAttempts: (wait) => `Demasiados intentos. Inténtalo de nuevo dentro de ${wait}.`,
    noEmail: 'Introduce tu correo electrónico.',
    noPassword: 'Introduce tu contraseña.',
    noNewPassword: 'Introduce una contraseña.',
    noCode: 'Introduce un código.',
    noEmailCode: 'Introduce el código del correo.',
    wrongEmailCode: 'El código no es correcto. Revisa el correo más reciente.',
    wrongAppCode: 'El código no es correcto. Introduce el código que la aplicación muestra ahora.',
    wrongRecoveryCode: 'El código no es correcto o ya se usó.',
    repeat: 'Las dos contraseñas son diferentes.',
    terms: 'Acéptalos para crear una cuenta.',
    noName: 'Introduce un nombre.',
    nameTooLong: (length) =>
      `El nombre es demasiado largo. Introduce como máximo ${length} caracteres.`,
    nameUnusable:
      'El nombre contiene caracteres que no se pueden usar. Usa letras, números y símbolos en una sola línea.',
    emailInvalid: 'Este correo electrónico no es válido.',
    emailDomain: (domains) => `La dirección debe ser de ${domains}.`,
  },

  signInRefused: {
    wrong: 'El correo electrónico o la contraseña no son correctos.',
    busy: 'Hay demasiadas personas iniciando sesión en este momento. Inténtalo de nuevo en unos segundos.',
  },

  passwordRefused: {
    too_short: (length) => `La contraseña es demasiado corta. Usa al menos ${length} caracteres.`,
    too_long: (length) => `La contraseña es demasiado larga. Usa como máximo ${length} caracteres.`,
    too_common:
      'La contraseña es demasiado fácil de adivinar: es habitual o sigue un patrón. Usa varias palabras sin relación entre sí.',
    too_personal:
      'La contraseña es demasiado fácil de adivinar: se compone sobre todo de tu nombre o tu dirección, o de los de este servicio. Usa varias palabras que no tengan relación contigo.',
    unusable:
      'La contraseña contiene un carácter que no se puede escribir. Usa letras, números y símbolos.',
    unchanged: 'Elige una contraseña distinta de la actual.',
    wrong_current: 'La contraseña actual no es correcta.',
    not_recent: 'Iniciaste sesión hace demasiado tiempo. Inicia sesión de nuevo primero.',
  },

  passkeyRefused: {
    wrong: 'Esta llave de acceso no funciona aquí. Usa otra o inicia sesión de otra forma.',
    expired: 'Tardó demasiado o se inició en otro navegador. Inténtalo de nuevo.',
    unverified:
      'Esta llave de acceso no comprobó quién la usa, por lo que solo funciona después de tu contraseña. Inicia sesión primero con tu contraseña.',
    cloned:
      'Esta llave de acceso se rechazó porque parece que existe una copia. Inicia sesión de otra forma y elimínala de tu cuenta.',
    full: 'Tu cuenta ya tiene el número máximo de llaves de acceso. Elimina una primero.',
    known: 'Esta llave de acceso ya se añadió.',
  },

  passkeyScript: {
    NotAllowedError: 'No se usó ninguna llave de acceso. Inténtalo de nuevo o elige otra forma.',
    InvalidStateError:
      'Este dispositivo o llave de seguridad ya tiene una llave de acceso para tu cuenta.',
    SecurityError: 'Las llaves de acceso no funcionan en esta dirección.',
    NotSupportedError: 'Este dispositivo no puede crear una llave de acceso para este sitio.',
    stale: 'Esta página no está actualizada. Vuelve a cargarla e inténtalo de nuevo.',
  },

  notices: {
    signed_out: 'Has cerrado sesión.',
    account_deleted: 'Tu cuenta se ha eliminado.',
    sign_in_expired: 'Este inicio de sesión ha caducado. Inicia sesión de nuevo.',
  },

  purposes: {
    app: (app) => html` para continuar a ${app}`,
    anApp: ' para continuar a una aplicación',
    device: ' para conectar un dispositivo',
    invitation: ' para responder a una invitación',
    apps: ' para continuar a tus aplicaciones',
    tokens: ' para continuar a tus tokens',
    provider: ' para vincularla',
  },

  signIn: {
    title: 'Iniciar sesión',
    toApp: (app) => html`Inicia sesión para continuar a ${app}`,
    lead: (brand, purpose) => html`Usa tu cuenta de ${brand}${purpose}.`,
    confirmTitle: 'Confirma tu contraseña',
    confirmLead: (purpose) => html`Introduce tu contraseña de nuevo${purpose}.`,
    itIsYouTitle: 'Confirma que eres tú',
    itIsYouLead: (purpose) => html`Inicia sesión de nuevo${purpose}.`,
    usePassword: 'Usar tu contraseña',
    usePasskey: 'Usar una llave de acceso',
    withPasskey: 'Iniciar sesión con una llave de acceso',
    passkeysNeedJavaScript:
      'Tus llaves de acceso necesitan JavaScript, que este navegador no ejecuta.',
    noWay: (support) =>
      html`Aquí no tienes forma de confirmar que eres tú: ni contraseña ni una llave de acceso o un proveedor que funcione en este momento. Ponte en contacto con ${support} para obtener un enlace.`,
    continueAs: (person) => html`Continuar como ${person}`,
    forgot: '¿Olvidaste tu contraseña?',
    noAccount: (create) => html`¿No tienes cuenta? ${create}`,
    noAccountAsk: (support) =>
      html`¿No tienes cuenta? Ponte en contacto con ${support} para recibir una invitación.`,
    continueWith: (provider) => html`Continuar con ${provider}`,
    lastUsed: 'Último usado',
  },

  signInPaused: {
    title: 'El inicio de sesión desde navegadores nuevos está en pausa',
    lead: 'Se introdujeron demasiadas contraseñas incorrectas seguidas para este correo electrónico. Hasta que su titular inicie sesión, solo se puede entrar desde navegadores que ya haya usado.',
    knownBrowser:
      'Inicia sesión desde un navegador o teléfono que ya hayas usado. Tu contraseña sigue funcionando ahí, y la pausa termina.',
    newPassword: (support) =>
      html`O <a href="/sign-in/forgot">establece una nueva contraseña</a>, lo que también termina la pausa. Si no puedes, ponte en contacto con ${support}.`,
  },

  emailCode: {
    title: 'Revisa tu correo',
    lead: 'Tu cuenta no se había usado antes en este navegador. Introduce el código que enviamos a tu correo electrónico.',
    hint: 'Funciona durante 10 minutos.',
    nothingArrived: (again, support) =>
      html`¿No llegó nada? Mira en la carpeta de correo no deseado o <a href="${again}">inicia sesión de nuevo</a> dentro de un minuto para recibir otro código. ¿No tienes acceso a ese buzón? Ponte en contacto con ${support}.`,
    expiredTitle: 'Este código ya no funciona',
    expiredLead:
      'Ha caducado o se introdujeron demasiados códigos incorrectos. Inicia sesión de nuevo para recibir otro.',
    noEmail: (support) => html`¿No llega ningún correo? Ponte en contacto con ${support}.`,
  },

  factor: {
    codeTitle: 'Introduce un código',
    codeLead: 'Abre tu aplicación de autenticación e introduce el código que muestra.',
    recoveryTitle: 'Usa un código de recuperación',
    recoveryLead: 'Introduce uno de los códigos que guardaste. Solo funciona una vez.',
    remember: (days) =>
      `No volver a preguntar en este navegador durante ${days} ${days === 1 ? 'día' : 'días'}`,
    noCodesLeft: (support) =>
      html`¿No te quedan códigos? Ponte en contacto con ${support} para recibir ayuda.`,
    lostPhone: (support) =>
      html`¿Perdiste el teléfono? Usa un código de recuperación o ponte en contacto con ${support} para recibir ayuda.`,
    passkeyTitle: 'Usa tu llave de acceso',
    passkeyLead:
      'Tu navegador pide la llave de acceso o la llave de seguridad que añadiste a tu cuenta.',
    noPasskeys:
      'Este navegador no admite llaves de acceso o JavaScript está desactivado. Elige otra forma o abre esta página en un navegador actual con JavaScript.',
    usePasskey: 'Usar la llave de acceso',
    lostPasskey: (support) =>
      html`¿Perdiste la llave de acceso? Ponte en contacto con ${support} para recibir ayuda.`,
    lostPasskeyOtherWays: (support) =>
      html`¿Perdiste la llave de acceso? Usa otra forma o ponte en contacto con ${support} para recibir ayuda.`,
    ways: {
      passkey: 'Usar una llave de acceso',
      authenticator: 'Usar tu aplicación de autenticación',
      recovery: 'Usar un código de recuperación',
    },
  },

  enrol: {
    title: 'Configura un segundo factor',
    lead: 'Necesitas uno para continuar: una llave de acceso o una aplicación que muestre códigos.',
    createPasskey: 'Crear una llave de acceso',
    app: 'Aplicación de autenticación',
    scan: 'Escanea este código con tu aplicación y luego introduce el código que muestra.',
    qr: 'Código QR con la clave que aparece debajo',
    key: (key) => html`¿No puedes escanearlo? Introduce esta clave en la aplicación: ${key}`,
    confirm: 'Confirmar y continuar',
    codesTitle: 'Tus códigos de recuperación',
    codesLead:
      'Tu segundo factor está configurado. Si lo pierdes, podrás iniciar sesión con estos códigos.',
    goOn: 'Continuar',
  },

  recoveryCodes: {
    heading: 'Códigos de recuperación',
    caution: html`<strong>Imprime o guarda estos códigos ahora: solo se muestran una vez.</strong> Guárdalos donde guardarías una llave de repuesto. Cada uno funciona una vez.`,
    download: 'Descargar',
    file: 'codigos-de-recuperacion.txt',
    fileTitle: (brand, person) =>
      `Códigos de recuperación de ${brand}${person && ` para ${person}`}`,
    fileText: 'Cada uno funciona una vez, en lugar de tu segundo factor.',
  },

  factorsReset: {
    title: 'Conserva tus segundos factores',
    lead: (brand, name, moment) =>
      html`Los segundos factores de la cuenta de ${brand} de ${name} se eliminarán porque un administrador lo ha programado. Fecha: ${moment}.`,
    keep: 'Conservarlos',
    asked: 'Si perdiste los tuyos y lo pediste, no tienes que hacer nada: cierra esta página.',
    stoppedTitle: 'Tus segundos factores se conservan',
    stoppedLead:
      'No se eliminarán. Si no lo pediste tú, puede que alguien conozca tu contraseña: cámbiala ahora.',
    changePassword: 'Cambiar tu contraseña',
    goneLead: 'La eliminación de los segundos factores se canceló o ya se realizó.',
  },

  forgot: {
    title: '¿Olvidaste tu contraseña?',
    noneLead: (support) =>
      html`Esta instalación no envía correos. Ponte en contacto con ${support} para recibir un enlace con el que establecer una nueva contraseña.`,
    lead: 'Introduce tu correo electrónico y te enviaremos un enlace para establecer una nueva contraseña.',
    outboxLead: (support) =>
      html`Esta instalación no envía correos. Pide aquí un enlace y ponte en contacto con ${support}: el enlace está en la bandeja de salida y desde ahí te lo pueden pasar.`,
    send: 'Enviar un enlace',
    ask: 'Pedir un enlace',
    sentTitle: 'Revisa tu correo',
    sentLead:
      'Si hay una cuenta con contraseña para esta dirección, hay un enlace en camino. Funciona una vez, durante 30 minutos.',
    outboxTitle: 'Tu solicitud está en la bandeja de salida',
    outboxSentLead: (support) =>
      html`Si hay una cuenta con contraseña para esta dirección, ahora existe un enlace que funciona una vez, durante 30 minutos. Ponte en contacto con ${support} para recibirlo.`,
    takesMinutes: 'Puede tardar unos minutos. Mira también en la carpeta de correo no deseado.',
    unchanged: 'Tu contraseña no cambia hasta que establezcas una nueva.',
    nothingArrived: (support) =>
      html`¿No llegó nada o no tienes acceso a ese buzón? Ponte en contacto con ${support}.`,
    usedTitle: 'Este enlace ya se usó',
    usedLead: 'Con él se estableció una nueva contraseña. Inicia sesión con esa contraseña.',
    goneLead: 'Ha caducado o lo reemplazó un enlace más reciente. Tu contraseña no ha cambiado.',
    askAgain: 'Pedir un nuevo enlace',
  },

  link: {
    gone: 'Este enlace ya no funciona',
  },

  invitation: {
    newTitle: 'Elige una nueva contraseña',
    title: 'Elige una contraseña',
    welcome: (name) => html`Te damos la bienvenida, ${name}`,
    newLead: (brand, name) =>
      html`Para la cuenta de ${brand} de ${name}. Se cerrará tu sesión en todos los demás lugares.`,
    lead: (brand) => `Elige una contraseña para terminar de configurar tu cuenta de ${brand}.`,
    access: 'Aplicaciones, dispositivos y tokens de acceso',
    keepAccess: 'Mantenerlos conectados',
    keepAccessHint:
      'Solo si tienes la certeza de que nadie más conocía tu contraseña anterior. De lo contrario, se revoca su acceso y vuelves a conectar lo que necesites.',
    setNew: 'Establecer la nueva contraseña e iniciar sesión',
    set: 'Establecer la contraseña e iniciar sesión',
    goneLead: 'Ya se usó, ha caducado o lo reemplazó un enlace más reciente.',
    signedIn: 'Has iniciado sesión.',
    askForLink: (support) =>
      html`Si ya estableciste tu contraseña, puedes iniciar sesión. Si no, ponte en contacto con ${support} para recibir un nuevo enlace.`,
  },

  register: {
    title: 'Crear una cuenta',
    toApp: (app) => html`Crea una cuenta para continuar a ${app}`,
    lead: (brand) =>
      `Te enviamos un enlace por correo electrónico. Con él eliges una contraseña para tu cuenta de ${brand}.`,
    domains: (domains) => `Solo pueden registrarse direcciones de ${domains}.`,
    subdomain: (domain) => `un subdominio de ${domain}`,
    send: 'Enviar enlace',
    approval: 'Un administrador aprueba cada cuenta antes de que su titular pueda iniciar sesión.',
    haveAccount: (signIn) => html`¿Ya tienes una cuenta? ${signIn}`,
    sentLead: (email) => html`Enviamos un correo a ${email}.`,
    outboxSentLead: (support, email) =>
      html`Ponte en contacto con ${support} para recibir el enlace de ${email}.`,
    useHere:
      'Abre el enlace en este navegador para continuar donde estabas. Funciona una vez, durante 24 horas.',
    nothingArrived:
      'Si no llega nada en unos minutos, mira en el correo no deseado y comprueba la dirección de arriba.',
    another: 'Usar otra dirección',
    formTitle: 'Crea tu cuenta',
    formLead: (brand) =>
      `Tu correo electrónico quedará confirmado en cuanto crees tu cuenta de ${brand}.`,
    terms: 'Términos',
    termsOfService: 'términos del servicio',
    privacyPolicy: 'política de privacidad',
    accept: (terms) => html`Acepto los ${terms}`,
    acceptBoth: (terms, privacy) => html`Acepto los ${terms} y la ${privacy}`,
    acceptPrivacy: (privacy) => html`Acepto la ${privacy}`,
    create: 'Crear cuenta',
    createAndSignIn: 'Crear cuenta e iniciar sesión',
    goneLead: 'Ya se usó, ha caducado o la dirección ya tiene una cuenta.',
    waitsTitle: 'Tu cuenta espera aprobación',
    waitsLead:
      'Tu correo electrónico está confirmado. Ahora un administrador decidirá sobre tu cuenta.',
    waitsForEmail: (support) =>
      html`Recibirás un correo cuando puedas iniciar sesión. Si tarda demasiado, ponte en contacto con ${support}.`,
  },

  providers: {
    denied: {
      title: (name) => `No iniciaste sesión con ${name}`,
      text: (name) => `${name} indica que el inicio de sesión se canceló. No se ha cambiado nada.`,
    },
    refused: {
      title: (name) => `${name} rechazó el inicio de sesión`,
      text: () =>
        'Puedes intentarlo de nuevo o iniciar sesión de otra forma. No se ha cambiado nada.',
    },
    unreachable: {
      title: (name) => `${name} no responde`,
      text: () => 'Inténtalo de nuevo en un momento o inicia sesión de otra forma.',
    },
    invalid: {
      title: (name) => `La respuesta de ${name} no se aceptó`,
      text: () =>
        'No superó una comprobación de este servidor, por lo que no has iniciado sesión. Puedes intentarlo de nuevo o iniciar sesión de otra forma.',
    },
    expired: {
      title: () => 'Este inicio de sesión ha caducado',
      text: (name) =>
        `Un inicio de sesión con ${name} funciona una vez, durante diez minutos, en el navegador en que empezó. Empieza de nuevo.`,
    },
    disabled: {
      title: () => 'Tu cuenta está desactivada',
      text: (name) => `Iniciaste sesión con ${name}, pero tu cuenta aquí está desactivada.`,
    },
    other_account: {
      title: () => 'Esa es otra cuenta',
      text: (name) =>
        `Iniciaste sesión con ${name} como otra persona. Continúa con la cuenta con la que has iniciado sesión aquí.`,
    },
    not_fresh: {
      title: (name) => `${name} no te pidió que iniciaras sesión de nuevo`,
      text: () =>
        'Esta página necesita un inicio de sesión reciente. Cierra primero la sesión allí o confirma de otra forma que eres tú.',
    },
    taken: {
      title: () => 'Ya está vinculado a otra cuenta',
      text: (name) =>
        `Este inicio de sesión con ${name} pertenece aquí a otra cuenta. Desvincúlalo primero de ella.`,
    },
  },

  providerHelp: (support) => html`Si vuelve a ocurrir, ponte en contacto con ${support}.`,

  unknownIdentity: {
    hasAccountTitle: 'Ya tienes una cuenta',
    title: 'Todavía no hay ninguna cuenta vinculada',
    has_account: (provider, address) =>
      html`Hay una cuenta con la dirección ${address}. Inicia sesión en ella una vez para vincularla con ${provider}.`,
    no_rule: (provider) =>
      html`Iniciaste sesión con ${provider}, pero aquí todavía no hay ninguna cuenta vinculada. Si tienes una cuenta, inicia sesión en ella una vez para vincularla.`,
    unverified: (provider) =>
      html`${provider} no confirma que tu correo electrónico sea tuyo, por lo que no se creó ninguna cuenta. Si tienes una cuenta aquí, inicia sesión en ella una vez para vincularla.`,
    domain: (provider) =>
      html`Iniciaste sesión con ${provider}, pero con tu correo electrónico no se obtiene una cuenta automáticamente. Si tienes una, inicia sesión en ella una vez para vincularla.`,
    signIn: 'Iniciar sesión en tu cuenta',
    anotherWay: 'Iniciar sesión de otra forma',
    noAccount: (support) =>
      html`¿No tienes cuenta? Ponte en contacto con ${support} para obtener una.`,
  },

  signOut: {
    title: (brand) => `¿Cerrar sesión en ${brand}?`,
    appAsks: (app, person) =>
      html`${app} pide cerrar tu sesión. Has iniciado sesión como ${person}.`,
    appAsksAnother: (app, person) =>
      html`${app} pide cerrar la sesión de otra cuenta. Has iniciado sesión como ${person}.`,
    anApp: html`Una aplicación`,
    stay: 'Mantener la sesión',
    doneTitle: 'Has cerrado sesión',
    appsToo: 'También se cerró la sesión en las aplicaciones que usaste.',
    done: (brand) => `Has cerrado sesión en ${brand}.`,
    continueTo: (app) => html`Continuar a ${app}`,
    frame: 'Cierra la sesión en una aplicación',
  },

  leaving: {
    title: 'Volver a la aplicación',
    heading: (app) => html`Volver a ${app}`,
    lead: 'Si no pasa nada, continúa aquí.',
  },

  app: {
    developer: 'Desarrollador',
    app: 'Aplicación',
    notVerified: (brand) => `(no verificado por ${brand})`,
    registered: 'Registrada',
    byItself: 'por sí misma',
    callsItself: 'Se llama a sí misma',
    website: 'Sitio web',
    terms: 'Términos',
    yourAccount: 'Tu cuenta',
    ableTo: 'Podrá',
    alsoAbleTo: 'También podrá',
    knowsYou: 'Sabrá quién eres',
    nothingElse: 'No pide nada más.',
    connected: 'Conectado',
    revokeAnyTime: (connected) =>
      html`Puedes revocar el acceso en cualquier momento en «${connected}».`,
  },

  consent: {
    title: 'Permitir una aplicación',
    heading: (app, brand) => html`¿Permitir que ${app} use tu cuenta de ${brand}?`,
    moreHeading: (app, brand) => html`¿Permitir que ${app} haga más con tu cuenta de ${brand}?`,
    continueTitle: 'Continuar a una aplicación',
    continueHeading: (app) => html`Continuar a ${app}`,
    returnsTo: 'Vuelve a',
    appHere: 'Una aplicación en este dispositivo',
    programHere: 'Un programa en este equipo',
    another: 'Usar otra cuenta',
    allowedBefore: 'Ya has permitido',
    choose: 'Puedes elegir',
    chooseHint: 'Desmarca lo que no deba hacer.',
    chooseFor: (resource) => html`Qué puede hacer con ${resource}`,
    caution: html`<strong>Permítelo solo si lo iniciaste tú.</strong> Comprueba que la dirección sea la de la aplicación.`,
    cautionOnDevice: html`<strong>Permítelo solo si lo iniciaste tú.</strong> Cualquier programa de este dispositivo puede usar el nombre de esta aplicación.`,
    expires: (fromNow) => `Esta solicitud caduca ${fromNow}.`,
    expectsOther: html`<strong>La aplicación espera otra cuenta.</strong> Has iniciado sesión con una distinta.`,
    signInOther: 'Iniciar sesión con otra cuenta',
    beyondReach: html`<strong>Tu cuenta no puede permitir esto.</strong> La aplicación pide permisos que no tienes:`,
    askToAllow: (support) =>
      html`Ponte en contacto con ${support} para que lo permita o para que dé a tu cuenta estos permisos.`,
    allowedTitle: 'Ya permitido',
    allowedHeading: (app) => html`Has permitido ${app}`,
    allowedLead:
      'Vuelve a la aplicación. Si no has iniciado sesión en ella, empieza de nuevo desde la aplicación.',
    deniedTitle: 'Rechazado',
    deniedHeading: (app) => html`Se rechazó el acceso de ${app}`,
    deniedLead:
      'No puede usar tu cuenta. Si cambias de opinión, empieza de nuevo desde la aplicación.',
    answeredTitle: 'Ya respondida',
    answeredHeading: 'Esta solicitud ya se respondió',
    answeredLead: (app) =>
      html`Otra persona había iniciado sesión en este navegador y respondió a la solicitud de ${app}.`,
    answeredAdvice: 'Para usar la aplicación con tu propia cuenta, empieza de nuevo en ella.',
    goneTitle: 'Esta solicitud ha caducado',
    goneLead:
      'Tardó demasiado, se inició en otro navegador o la aplicación ya no tiene permiso para pedirlo.',
    goneAdvice: 'Vuelve a la aplicación y empieza de nuevo.',
  },

  decisionRefused: {
    not_allowed_any_more: 'La aplicación ya no tiene permiso para pedir esto.',
    other_account:
      'La aplicación espera otra cuenta. Inicia sesión con esa cuenta o empieza de nuevo en la aplicación.',
    nothing_chosen: 'Elige al menos un elemento o rechaza la solicitud.',
    something_changed: 'Decide de nuevo: algo ha cambiado.',
    answered:
      'Esta solicitud ya se respondió en otra pestaña u otro navegador. Vuelve a la aplicación y empieza de nuevo.',
    disabled: 'La cuenta o la aplicación se desactivó o se eliminó.',
    needs_factor: 'Esta aplicación exige un segundo factor. Inicia sesión de nuevo y usa uno.',
    lifetime:
      'El dispositivo no puede permanecer conectado tanto tiempo. Elige una de las opciones.',
  },

  device: {
    title: 'Conectar un dispositivo',
    enterLead: 'Introduce el código que muestra tu dispositivo.',
    hint: (example) => `Ocho letras, como ${example}. Puedes usar minúsculas y omitir el guion.`,
    enterCaution: 'Introduce solo un código que hayas pedido tú, en tu propio dispositivo.',
    noCode: 'Introduce el código.',
    onlyLetters: 'Un código solo tiene letras. Comprueba el código en tu dispositivo.',
    eightLetters: (example) =>
      `Un código tiene ocho letras, como ${example}. Comprueba el código en tu dispositivo.`,
    unknownCode: 'Este código no existe o ha caducado. Compáralo con el código de tu dispositivo.',
    tooManyCodes: (wait) => `Demasiados códigos incorrectos. Inténtalo de nuevo dentro de ${wait}.`,
    heading: (app) => html`¿Conectar ${app}?`,
    lead: (brand) => `Esta aplicación quiere usar tu cuenta de ${brand} en un dispositivo.`,
    compare: '¿Tu dispositivo muestra este código?',
    device: 'Dispositivo',
    ip: 'Dirección IP',
    unknown: 'Desconocida',
    sameAddress: 'la misma que la tuya',
    requested: 'Solicitado',
    otherAddress:
      'El dispositivo tiene una dirección IP distinta de la de este navegador. Es normal en un servidor, un teléfono u otra red. Si el dispositivo está a tu lado, comprueba el código otra vez.',
    fullAccess: html`<strong>Pide acceso completo.</strong> Su token puede hacer todo lo que tú puedes hacer. Quien lo consiga puede usarlo hasta que caduque.`,
    caution: html`<strong>Conecta solo un dispositivo que uses tú.</strong> El personal de soporte nunca te pide que lo hagas por ellos.`,
    connect: 'Conectar',
    expires: (fromNow) => `Este código caduca ${fromNow}.`,
    stayConnected: 'Mantener conectado durante',
    beyondReachPermission: html`<strong>Tu cuenta no puede conectar esta aplicación.</strong> Ninguno de tus roles tiene este permiso:`,
    beyondReachScopes: html`<strong>Tu cuenta no puede conectar esta aplicación.</strong> Pide permisos que no tienes:`,
    askForPermission: (support) =>
      html`Ponte en contacto con ${support} para que la conecte o para que dé a tu cuenta este permiso.`,
    askForScopes: (support) =>
      html`Ponte en contacto con ${support} para que la conecte o para que dé a tu cuenta estos permisos.`,
    anotherCode: 'Introducir otro código',
    approvedTitle: 'Conectado',
    approvedHeading: (app) => html`${app} se ha conectado`,
    approvedLead:
      'Vuelve a tu dispositivo: continúa por sí solo en unos segundos. Puedes cerrar esta página.',
    deniedTitle: 'Rechazado',
    deniedHeading: (app) => html`${app} no se conectó`,
    deniedLead: 'No puede usar tu cuenta. Puedes cerrar esta página.',
    deniedAdvice: (support) =>
      html`¿Otra persona te envió el código? Ponte en contacto con ${support} para avisar.`,
    expiredTitle: 'Este código ha caducado',
    expiredLead:
      'Un código solo funciona unos minutos. Empieza de nuevo en tu dispositivo para obtener otro.',
    newCode: 'Introducir un código nuevo',
    answeredTitle: 'Ya respondida',
    answeredHeading: 'Esta solicitud ya se respondió',
    answeredLead: (app) =>
      html`La solicitud de ${app} se respondió en otra página o la respondió otra persona.`,
    answeredAdvice:
      'Comprueba si está conectada a tu cuenta. Si no lo está, empieza de nuevo en el dispositivo.',
  },

  errors: {
    notFound: {
      title: 'Página no encontrada',
      text: 'Puede que la dirección esté mal escrita o que la página ya no exista.',
    },
    notAllowed: 'No tienes permiso para hacer esto',
    formOnly: {
      title: 'Esta página no se puede abrir',
      text: 'Esta dirección solo acepta un formulario. Empieza de nuevo.',
    },
    tooMany: 'Demasiadas solicitudes',
    unavailable: {
      title: 'No disponible temporalmente',
      text: 'Una parte de este servidor no está disponible. No se ha cambiado nada. Inténtalo de nuevo en un momento.',
    },
    failed: {
      title: 'Algo salió mal',
      text: 'El error es nuestro. Inténtalo de nuevo.',
    },
    other: 'No se pudo completar',
    stale: {
      title: 'Esta página no estaba actualizada',
      text: 'Iniciaste o cerraste sesión en otra pestaña, por lo que no se ha cambiado nada. Abre la página de nuevo y compruébala.',
      action: 'Abrirla de nuevo',
    },
    invalidRequest: {
      title: 'Solicitud no válida',
      ofApp: (app) => `${app} envió una solicitud no válida`,
      text: 'Una aplicación te envió aquí con una solicitud que este servidor no puede aceptar. Vuelve a la aplicación e inténtalo de nuevo. Si vuelve a ocurrir, ponte en contacto con los desarrolladores de la aplicación.',
      textOfApp:
        'Vuelve a la aplicación e inténtalo de nuevo. Si vuelve a ocurrir, ponte en contacto con los desarrolladores de la aplicación.',
      back: (app, place) => `Volver a ${app} (${place})`,
    },
    contact: (support, requestId) =>
      html`Si vuelve a ocurrir, ponte en contacto con ${support} e indica el ID de la solicitud: ${requestId}`,
    forDevelopers: 'Para desarrolladores',
    error: 'Error',
    description: 'Descripción',
    redirectUri: 'URI de redirección',
    requestId: 'ID de la solicitud',
  },
};
