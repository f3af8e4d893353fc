import type { Mails } from './en.ts';

/** SPANISH emails; the glossary is that of the pages. */
export const mails: Mails = {
  hello: (name) => (name ? `Hola, ${name}:` : 'Hola:'),
  automatic: (brand) => `${brand} envió este correo automáticamente. Las respuestas no se leen.`,
  help: (addresses) => `Ayuda: ${addresses}`,
  support: (brand, addresses) => `el soporte de ${brand} (${addresses})`,
  administrator: (brand) => `un administrador de ${brand}`,
  or: (one, other) => `${one} o ${other}`,
  facts: {
    code: 'Código',
    codeExpires: 'El código caduca',
    linkExpires: 'El enlace caduca',
    browser: 'Navegador',
    ip: 'Dirección IP',
    requestedFrom: 'Solicitado desde',
    signedIn: 'Inicio de sesión',
    set: 'Establecida',
    changed: 'Cambiada',
  },
  links: {
    signIn: 'Iniciar sesión',
    changePassword: 'Cambiar tu contraseña',
    account: 'Revisar tu cuenta',
    connected: 'Revisar las aplicaciones y los dispositivos conectados',
    tokens: 'Revisar tus tokens',
  },
  ifYou: 'Si fuiste tú, puedes ignorar este correo.',
  ignore: 'Si no lo esperabas, puedes ignorar este correo.',
  signInCode: {
    subject: 'Tu código de inicio de sesión',
    opening:
      'Alguien introdujo tu contraseña en un navegador que no se había usado antes con tu cuenta. Para continuar, introduce este código allí.',
    secret: 'No des nunca el código a nadie. El soporte no lo necesita.',
    ifNotYou: (contact) =>
      `Si no fuiste tú, alguien conoce tu contraseña. Cámbiala y ponte en contacto con ${contact}.`,
  },
  passwordReset: {
    noneSubject: 'Tu cuenta no tiene contraseña',
    noneOpening:
      'Alguien pidió un enlace para establecer una nueva contraseña de tu cuenta, que todavía no tiene ninguna.',
    noneAdvice: (contact) =>
      `Si fuiste tú, inicia sesión como lo hacías antes o ponte en contacto con ${contact} para recibir una invitación. Si no, puedes ignorar este correo.`,
    subject: 'Establece una nueva contraseña',
    opening: 'Alguien pidió un enlace para establecer una nueva contraseña de tu cuenta.',
    once: 'El enlace funciona una vez. Si pediste varios, solo funciona el más reciente.',
    ifNotYou: 'Si no fuiste tú, puedes ignorar este correo: tu contraseña no cambia.',
  },
  invited: {
    subject: (brand) => `Te invitaron a ${brand}`,
    newSubject: 'Establece una nueva contraseña',
    opening: (brand) =>
      `Tienes una nueva cuenta de ${brand}. Elige una contraseña para iniciar sesión.`,
    newOpening: (brand) =>
      `Con este enlace estableces una nueva contraseña para tu cuenta de ${brand}.`,
    secret:
      'El enlace funciona una vez. No lo compartas: quien lo tenga puede iniciar sesión como tú.',
    newUnexpected: (contact) =>
      `Si no lo esperabas, no uses el enlace y ponte en contacto con ${contact}.`,
    choose: 'Elegir una contraseña',
  },
  passwordChanged: {
    setSubject: 'Se estableció tu contraseña',
    setByLink: 'Se estableció una contraseña para tu cuenta con un enlace de invitación.',
    setOnPage:
      'Se estableció una contraseña en la página de tu cuenta. A partir de ahora puedes iniciar sesión con ella.',
    subject: 'Se cambió tu contraseña',
    byLink:
      'La contraseña de tu cuenta se estableció con un enlace. Se cerró la sesión en todos los demás navegadores.',
    onPage:
      'Se cambió la contraseña de tu cuenta. Se cerró la sesión en todos los demás navegadores.',
    ended:
      'También se revocó el acceso de tus aplicaciones, dispositivos y tokens de acceso personales. Vuelve a conectar lo que todavía necesites.',
    kept: 'Tus aplicaciones, dispositivos y tokens de acceso personales siguen teniendo acceso.',
    ifNotYou: (contact) =>
      `Si no fuiste tú, puede que otra persona tenga acceso a tu cuenta. Ponte en contacto con ${contact} de inmediato y pide un nuevo enlace.`,
  },
  newSignIn: {
    subject: 'Nuevo inicio de sesión en tu cuenta',
    opening:
      'Alguien inició sesión en tu cuenta con un navegador que no se había usado antes con ella.',
    ifNotYou: (contact) =>
      `Si no fuiste tú, puede que otra persona tenga acceso a tu cuenta. Cierra la sesión de ese navegador, cambia tu contraseña y ponte en contacto con ${contact} de inmediato.`,
  },
  registration: {
    subject: (brand) => `Crea tu cuenta de ${brand}`,
    opening: (brand) =>
      `Este correo electrónico se usó para crear una cuenta en ${brand}. Confirma que es tuyo y elige una contraseña.`,
    once: 'El enlace funciona una vez.',
    ifNotYou: 'Si no lo pediste, ignora este correo: no se creará ninguna cuenta.',
    create: 'Crear tu cuenta',
  },
};
