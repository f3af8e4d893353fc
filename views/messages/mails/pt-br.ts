import type { Mails } from './en.ts';

/** BRAZILIAN PORTUGUESE emails; the glossary is that of the pages. */
export const mails: Mails = {
  hello: (name) => (name ? `Olá, ${name}!` : 'Olá!'),
  automatic: (brand) => `${brand} enviou este e-mail automaticamente. As respostas não são lidas.`,
  help: (addresses) => `Ajuda: ${addresses}`,
  support: (brand, addresses) => `o suporte de ${brand} (${addresses})`,
  administrator: (brand) => `um administrador de ${brand}`,
  or: (one, other) => `${one} ou ${other}`,
  facts: {
    code: 'Código',
    codeExpires: 'O código expira',
    linkExpires: 'O link expira',
    browser: 'Navegador',
    ip: 'Endereço IP',
    requestedFrom: 'Solicitado de',
    signedIn: 'Entrada',
    set: 'Definida',
    changed: 'Alterada',
  },
  links: {
    signIn: 'Entrar',
    changePassword: 'Alterar sua senha',
    account: 'Conferir sua conta',
    connected: 'Conferir apps e dispositivos conectados',
    tokens: 'Conferir seus tokens',
  },
  ifYou: 'Se foi você, pode ignorar este e-mail.',
  ignore: 'Se você não esperava isto, pode ignorar este e-mail.',
  signInCode: {
    subject: 'Seu código para entrar',
    opening:
      'Alguém digitou sua senha em um navegador que ainda não tinha sido usado com sua conta. Para continuar, digite este código nele.',
    secret: 'Nunca passe o código a ninguém. O suporte não precisa dele.',
    ifNotYou: (contact) =>
      `Se não foi você, alguém sabe sua senha. Altere-a e fale com ${contact}.`,
  },
  passwordReset: {
    noneSubject: 'Sua conta não tem senha',
    noneOpening:
      'Alguém pediu um link para definir uma nova senha para sua conta, que ainda não tem nenhuma.',
    noneAdvice: (contact) =>
      `Se foi você, entre como fazia antes ou fale com ${contact} para receber um convite. Caso contrário, pode ignorar este e-mail.`,
    subject: 'Defina uma nova senha',
    opening: 'Alguém pediu um link para definir uma nova senha para sua conta.',
    once: 'O link funciona uma vez. Se você pediu mais de um, só o mais novo funciona.',
    ifNotYou: 'Se não foi você, pode ignorar este e-mail: sua senha continua a mesma.',
  },
  invited: {
    subject: (brand) => `Você recebeu um convite para ${brand}`,
    newSubject: 'Defina uma nova senha',
    opening: (brand) => `Você tem uma nova conta de ${brand}. Escolha uma senha para entrar.`,
    newOpening: (brand) => `Com este link, você define uma nova senha para sua conta de ${brand}.`,
    secret: 'O link funciona uma vez. Não o repasse: quem o tiver pode entrar no seu lugar.',
    newUnexpected: (contact) => `Se você não esperava isto, não use o link e fale com ${contact}.`,
    choose: 'Escolher uma senha',
  },
  passwordChanged: {
    setSubject: 'Sua senha foi definida',
    setByLink: 'Uma senha foi definida para sua conta com um link de convite.',
    setOnPage:
      'Uma senha foi definida na página da sua conta. A partir de agora, você pode entrar com ela.',
    subject: 'Sua senha foi alterada',
    byLink:
      'A senha da sua conta foi definida com um link. A sessão foi encerrada em todos os outros navegadores.',
    onPage:
      'A senha da sua conta foi alterada. A sessão foi encerrada em todos os outros navegadores.',
    ended:
      'O acesso dos seus apps, dispositivos e tokens de acesso pessoais também foi revogado. Reconecte o que ainda precisar.',
    kept: 'Seus apps, dispositivos e tokens de acesso pessoais continuam com acesso.',
    ifNotYou: (contact) =>
      `Se não foi você, talvez outra pessoa tenha acesso à sua conta. Fale imediatamente com ${contact} e peça um novo link.`,
  },
  newSignIn: {
    subject: 'Nova entrada na sua conta',
    opening: 'Alguém entrou na sua conta com um navegador que ainda não tinha sido usado com ela.',
    ifNotYou: (contact) =>
      `Se não foi você, talvez outra pessoa tenha acesso à sua conta. Encerre a sessão desse navegador, altere sua senha e fale imediatamente com ${contact}.`,
  },
  registration: {
    subject: (brand) => `Crie sua conta de ${brand}`,
    opening: (brand) =>
      `Este e-mail foi usado para criar uma conta em ${brand}. Confirme que ele é seu e escolha uma senha.`,
    once: 'O link funciona uma vez.',
    ifNotYou: 'Se você não pediu isto, ignore este e-mail: nenhuma conta será criada.',
    create: 'Criar sua conta',
  },
};
