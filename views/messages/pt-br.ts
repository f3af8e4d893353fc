/**
 * BRAZILIAN PORTUGUESE, with “você”.
 *
 * Glossary: sign in = entrar, sign out = sair, account = conta, password = senha, passkey = chave de acesso, second factor =
 * segundo fator, authenticator app = app autenticador, recovery code = código de recuperação, app = app, device =
 * dispositivo, scope = permissão, allow = permitir, deny = negar, connect (a device) = conectar, revoke = revogar,
 * administrator = administrador, outbox = caixa de saída, invitation = convite, provider = provedor. Whom people ask
 * (`support`) follows “Fale com”.
 */
import { html } from 'hono/html';
import type { Messages } from './en.ts';
import { mails } from './mails/pt-br.ts';

export const ptBR: Messages = {
  code: 'pt-BR',
  name: 'Português (Brasil)',

  mails,

  layout: {
    error: 'Erro: ',
    skip: 'Ir para o conteúdo',
    signedInAs: (person) => html`Conectado como ${person}`,
    signOut: 'Sair',
    about: 'Sobre este serviço',
    support: 'Suporte',
    terms: 'Termos',
    privacy: 'Privacidade',
    language: 'Idioma',
  },

  support: {
    team: (brand) => `o suporte de ${brand}`,
    administrator: (brand) => html`um administrador de ${brand}`,
  },

  times: {
    now: 'agora mesmo',
    soon: 'em menos de um minuto',
  },

  devices: {
    unknown: 'um dispositivo desconhecido',
    commandLine: (program) => `${program} na linha de comando`,
    writ: 'a linha de comando writ',
    writtenIn: (language) => `um programa escrito em ${language}`,
    on: (browser, system) => `${browser} no ${system}`,
    tv: (system) => `TV ${system}`,
    phone: (system) => `Celular ${system}`,
    tablet: (system) => `Tablet ${system}`,
  },

  fields: {
    email: 'E-mail',
    password: 'Senha',
    name: 'Nome',
    code: 'Código',
    recoveryCode: 'Código de recuperação',
    newPassword: 'Nova senha',
    newPasswordHint:
      'Pelo menos 10 caracteres. Algumas palavras sem relação entre si formam uma boa senha.',
    repeatPassword: 'Repita a nova senha',
  },

  actions: {
    continue: 'Continuar',
    signIn: 'Entrar',
    signInAgain: 'Entrar de novo',
    backToSignIn: 'Voltar para a página de entrada',
    goBack: 'Voltar',
    toAccount: 'Ir para sua conta',
    toStart: 'Ir para a página inicial',
    createAccount: 'Criar uma conta',
    allow: 'Permitir',
    deny: 'Negar',
    seeConnected: 'Ver apps e dispositivos conectados',
  },

  problems: {
    stale: 'Esta página estava desatualizada, ou seu navegador não aceita cookies. Tente de novo.',
    gone: 'Isto não existe mais: foi alterado ou excluído nesse meio-tempo.',
    tooManyAttempts: (wait) => `Muitas tentativas. Tente de novo em ${wait}.`,
    noEmail: 'Digite seu e-mail.',
    noPassword: 'Digite sua senha.',
    noNewPassword: 'Digite uma senha.',
    noCode: 'Digite um código.',
    noEmailCode: 'Digite o código do e-mail.',
    wrongEmailCode: 'O código está incorreto. Confira o e-mail mais recente.',
    wrongAppCode: 'O código está incorreto. Digite o código que o app mostra agora.',
    wrongRecoveryCode: 'O código está incorreto ou já foi usado.',
    repeat: 'As duas senhas são diferentes.',
    terms: 'Aceite para criar uma conta.',
    noName: 'Digite um nome.',
    nameTooLong: (length) => `O nome é longo demais. Digite no máximo ${length} caracteres.`,
    nameUnusable:
      'O nome tem caracteres que não podem ser usados. Use letras, números e símbolos em uma só linha.',
    emailInvalid: 'Este e-mail não é válido.',
    emailDomain: (domains) => `O endereço precisa ser de ${domains}.`,
  },

  signInRefused: {
    wrong: 'O e-mail ou a senha está incorreto.',
    busy: 'Há pessoas demais entrando neste momento. Tente de novo em alguns segundos.',
  },

  passwordRefused: {
    too_short: (length) => `A senha é curta demais. Use pelo menos ${length} caracteres.`,
    too_long: (length) => `A senha é longa demais. Use no máximo ${length} caracteres.`,
    too_common:
      'A senha é fácil demais de adivinhar: é comum ou segue um padrão. Use várias palavras sem relação entre si.',
    too_personal:
      'A senha é fácil demais de adivinhar: é formada principalmente pelo seu nome ou endereço, ou pelos deste serviço. Use várias palavras que não tenham relação com você.',
    unusable:
      'A senha contém um caractere que não pode ser digitado. Use letras, números e símbolos.',
    unchanged: 'Escolha uma senha diferente da atual.',
    wrong_current: 'A senha atual está incorreta.',
    not_recent: 'Você entrou há tempo demais. Entre de novo primeiro.',
  },

  passkeyRefused: {
    wrong: 'Esta chave de acesso não funciona aqui. Use outra ou entre de outra forma.',
    expired: 'Demorou demais ou foi iniciado em outro navegador. Tente de novo.',
    unverified:
      'Esta chave de acesso não verificou quem a está usando, por isso só funciona depois da sua senha. Entre primeiro com a senha.',
    cloned:
      'Esta chave de acesso foi recusada porque parece haver uma cópia dela. Entre de outra forma e remova-a da sua conta.',
    full: 'Sua conta já tem o número máximo de chaves de acesso. Remova uma primeiro.',
    known: 'Esta chave de acesso já foi adicionada.',
  },

  passkeyScript: {
    NotAllowedError: 'Nenhuma chave de acesso foi usada. Tente de novo ou escolha outra forma.',
    InvalidStateError:
      'Este dispositivo ou chave de segurança já tem uma chave de acesso para sua conta.',
    SecurityError: 'Chaves de acesso não funcionam neste endereço.',
    NotSupportedError: 'Este dispositivo não pode criar uma chave de acesso para este site.',
    stale: 'Esta página está desatualizada. Recarregue-a e tente de novo.',
  },

  notices: {
    signed_out: 'Você saiu da sua conta.',
    account_deleted: 'Sua conta foi excluída.',
    sign_in_expired: 'Esta entrada expirou. Entre de novo.',
  },

  purposes: {
    app: (app) => html` para continuar em ${app}`,
    anApp: ' para continuar em um app',
    device: ' para conectar um dispositivo',
    invitation: ' para responder a um convite',
    apps: ' para continuar para seus apps',
    tokens: ' para continuar para seus tokens',
    provider: ' para vinculá-la',
  },

  signIn: {
    title: 'Entrar',
    toApp: (app) => html`Entre para continuar em ${app}`,
    lead: (brand, purpose) => html`Use sua conta de ${brand}${purpose}.`,
    confirmTitle: 'Confirme sua senha',
    confirmLead: (purpose) => html`Digite sua senha de novo${purpose}.`,
    itIsYouTitle: 'Confirme que é você',
    itIsYouLead: (purpose) => html`Entre de novo${purpose}.`,
    usePassword: 'Usar sua senha',
    usePasskey: 'Usar uma chave de acesso',
    withPasskey: 'Entrar com uma chave de acesso',
    passkeysNeedJavaScript:
      'Suas chaves de acesso precisam de JavaScript, que este navegador não executa.',
    noWay: (support) =>
      html`Não há como confirmar aqui que é você: não há senha nem uma chave de acesso ou um provedor que funcione no momento. Fale com ${support} para receber um link.`,
    continueAs: (person) => html`Continuar como ${person}`,
    forgot: 'Esqueceu sua senha?',
    noAccount: (create) => html`Não tem conta? ${create}`,
    noAccountAsk: (support) => html`Não tem conta? Fale com ${support} para receber um convite.`,
    continueWith: (provider) => html`Continuar com ${provider}`,
    lastUsed: 'Usado por último',
  },

  signInPaused: {
    title: 'A entrada por navegadores novos está pausada',
    lead: 'Foram digitadas senhas incorretas demais em sequência para este e-mail. Até que o titular entre, só é possível entrar por navegadores que ele já usou.',
    knownBrowser:
      'Entre por um navegador ou celular que você já usou. Sua senha continua funcionando nele, e a pausa termina.',
    newPassword: (support) =>
      html`Ou <a href="/sign-in/forgot">defina uma nova senha</a>, o que também encerra a pausa. Se não puder, fale com ${support}.`,
  },

  emailCode: {
    title: 'Confira seu e-mail',
    lead: 'Sua conta ainda não tinha sido usada neste navegador. Digite o código que enviamos para seu e-mail.',
    hint: 'Ele funciona por 10 minutos.',
    nothingArrived: (again, support) =>
      html`Não chegou nada? Olhe na caixa de spam ou <a href="${again}">entre de novo</a> daqui a um minuto para receber outro código. Não tem acesso a esse e-mail? Fale com ${support}.`,
    expiredTitle: 'Este código não funciona mais',
    expiredLead:
      'Ele expirou, ou foram digitados códigos incorretos demais. Entre de novo para receber outro.',
    noEmail: (support) => html`Não chega nenhum e-mail? Fale com ${support}.`,
  },

  factor: {
    codeTitle: 'Digite um código',
    codeLead: 'Abra seu app autenticador e digite o código que ele mostra.',
    recoveryTitle: 'Use um código de recuperação',
    recoveryLead: 'Digite um dos códigos que você guardou. Ele só funciona uma vez.',
    remember: (days) =>
      `Não perguntar de novo neste navegador por ${days} ${days === 1 ? 'dia' : 'dias'}`,
    noCodesLeft: (support) => html`Não tem mais códigos? Fale com ${support} para receber ajuda.`,
    lostPhone: (support) =>
      html`Perdeu o celular? Use um código de recuperação ou fale com ${support} para receber ajuda.`,
    passkeyTitle: 'Use sua chave de acesso',
    passkeyLead:
      'Seu navegador pede a chave de acesso ou a chave de segurança que você adicionou à sua conta.',
    noPasskeys:
      'Este navegador não oferece chaves de acesso, ou o JavaScript está desativado. Escolha outra forma ou abra esta página em um navegador atual com JavaScript.',
    usePasskey: 'Usar a chave de acesso',
    lostPasskey: (support) =>
      html`Perdeu sua chave de acesso? Fale com ${support} para receber ajuda.`,
    lostPasskeyOtherWays: (support) =>
      html`Perdeu sua chave de acesso? Use outra forma ou fale com ${support} para receber ajuda.`,
    ways: {
      passkey: 'Usar uma chave de acesso',
      authenticator: 'Usar seu app autenticador',
      recovery: 'Usar um código de recuperação',
    },
  },

  enrol: {
    title: 'Configure um segundo fator',
    lead: 'Você precisa de um para continuar: uma chave de acesso ou um app que mostra códigos.',
    createPasskey: 'Criar uma chave de acesso',
    app: 'App autenticador',
    scan: 'Escaneie este código com seu app e depois digite o código que ele mostra.',
    qr: 'QR code com a chave mostrada abaixo',
    key: (key) => html`Não consegue escanear? Digite esta chave no app: ${key}`,
    confirm: 'Confirmar e continuar',
    codesTitle: 'Seus códigos de recuperação',
    codesLead:
      'Seu segundo fator está configurado. Se você o perder, poderá entrar com estes códigos.',
    goOn: 'Continuar',
  },

  recoveryCodes: {
    heading: 'Códigos de recuperação',
    caution: html`<strong>Imprima ou salve estes códigos agora: eles são mostrados só uma vez.</strong> Guarde-os onde guardaria uma chave reserva. Cada um funciona uma vez.`,
    download: 'Baixar',
    file: 'codigos-de-recuperacao.txt',
    fileTitle: (brand, person) =>
      `Códigos de recuperação de ${brand}${person && ` para ${person}`}`,
    fileText: 'Cada um funciona uma vez, no lugar do seu segundo fator.',
  },

  factorsReset: {
    title: 'Mantenha seus segundos fatores',
    lead: (brand, name, moment) =>
      html`Os segundos fatores da conta de ${brand} de ${name} serão removidos porque um administrador programou isso. Data: ${moment}.`,
    keep: 'Manter',
    asked: 'Se você perdeu os seus e pediu isso, não há nada a fazer: feche esta página.',
    stoppedTitle: 'Seus segundos fatores continuam',
    stoppedLead:
      'Eles não serão removidos. Se você não pediu isso, talvez alguém saiba sua senha: altere-a agora.',
    changePassword: 'Alterar sua senha',
    goneLead: 'A remoção dos segundos fatores foi cancelada ou já aconteceu.',
  },

  forgot: {
    title: 'Esqueceu sua senha?',
    noneLead: (support) =>
      html`Esta instalação não envia e-mails. Fale com ${support} para receber um link e definir uma nova senha.`,
    lead: 'Digite seu e-mail, e enviaremos um link para você definir uma nova senha.',
    outboxLead: (support) =>
      html`Esta instalação não envia e-mails. Peça um link aqui e fale com ${support}: o link fica na caixa de saída e pode ser repassado a você.`,
    send: 'Enviar um link',
    ask: 'Pedir um link',
    sentTitle: 'Confira seu e-mail',
    sentLead:
      'Se houver uma conta com senha para este endereço, um link está a caminho. Ele funciona uma vez, por 30 minutos.',
    outboxTitle: 'Seu pedido está na caixa de saída',
    outboxSentLead: (support) =>
      html`Se houver uma conta com senha para este endereço, agora existe um link que funciona uma vez, por 30 minutos. Fale com ${support} para recebê-lo.`,
    takesMinutes: 'Pode levar alguns minutos. Olhe também na caixa de spam.',
    unchanged: 'Sua senha continua a mesma até você definir uma nova.',
    nothingArrived: (support) =>
      html`Não chegou nada ou não tem acesso a esse e-mail? Fale com ${support}.`,
    usedTitle: 'Este link já foi usado',
    usedLead: 'Uma nova senha foi definida com ele. Entre com essa senha.',
    goneLead: 'Ele expirou ou foi substituído por um link mais novo. Sua senha não mudou.',
    askAgain: 'Pedir um novo link',
  },

  link: {
    gone: 'Este link não funciona mais',
  },

  invitation: {
    newTitle: 'Escolha uma nova senha',
    title: 'Escolha uma senha',
    welcome: (name) => html`Boas-vindas, ${name}`,
    newLead: (brand, name) =>
      html`Para a conta de ${brand} de ${name}. Sua sessão será encerrada em todos os outros lugares.`,
    lead: (brand) => `Escolha uma senha para terminar de configurar sua conta de ${brand}.`,
    access: 'Apps, dispositivos e tokens de acesso',
    keepAccess: 'Manter conectados',
    keepAccessHint:
      'Só se você tiver certeza de que ninguém mais sabia sua senha antiga. Caso contrário, o acesso deles é revogado, e você reconecta o que precisar.',
    setNew: 'Definir a nova senha e entrar',
    set: 'Definir a senha e entrar',
    goneLead: 'Ele já foi usado, expirou ou foi substituído por um link mais novo.',
    signedIn: 'Você entrou na sua conta.',
    askForLink: (support) =>
      html`Se você já definiu sua senha, pode entrar. Caso contrário, fale com ${support} para receber um novo link.`,
  },

  register: {
    title: 'Criar uma conta',
    toApp: (app) => html`Crie uma conta para continuar em ${app}`,
    lead: (brand) =>
      `Enviamos um link para seu e-mail. Com ele, você escolhe uma senha para sua conta de ${brand}.`,
    domains: (domains) => `Só endereços de ${domains} podem se cadastrar.`,
    subdomain: (domain) => `um subdomínio de ${domain}`,
    send: 'Enviar link',
    approval: 'Um administrador aprova cada conta antes que o titular possa entrar.',
    haveAccount: (signIn) => html`Já tem uma conta? ${signIn}`,
    sentLead: (email) => html`Enviamos um e-mail para ${email}.`,
    outboxSentLead: (support, email) => html`Fale com ${support} para receber o link de ${email}.`,
    useHere:
      'Abra o link neste navegador para continuar de onde parou. Ele funciona uma vez, por 24 horas.',
    nothingArrived:
      'Se nada chegar em alguns minutos, olhe na caixa de spam e confira o endereço acima.',
    another: 'Usar outro endereço',
    formTitle: 'Crie sua conta',
    formLead: (brand) => `Seu e-mail será confirmado assim que você criar sua conta de ${brand}.`,
    terms: 'Termos',
    termsOfService: 'termos de serviço',
    privacyPolicy: 'política de privacidade',
    accept: (terms) => html`Aceito os ${terms}`,
    acceptBoth: (terms, privacy) => html`Aceito os ${terms} e a ${privacy}`,
    acceptPrivacy: (privacy) => html`Aceito a ${privacy}`,
    create: 'Criar conta',
    createAndSignIn: 'Criar conta e entrar',
    goneLead: 'Ele já foi usado, expirou, ou o endereço já tem uma conta.',
    waitsTitle: 'Sua conta aguarda aprovação',
    waitsLead: 'Seu e-mail está confirmado. Agora um administrador decide sobre sua conta.',
    waitsForEmail: (support) =>
      html`Você receberá um e-mail quando puder entrar. Se demorar demais, fale com ${support}.`,
  },

  providers: {
    denied: {
      title: (name) => `Você não entrou com ${name}`,
      text: (name) => `${name} informa que a entrada foi cancelada. Nada foi alterado.`,
    },
    refused: {
      title: (name) => `${name} recusou a entrada`,
      text: () => 'Você pode tentar de novo ou entrar de outra forma. Nada foi alterado.',
    },
    unreachable: {
      title: (name) => `${name} não responde`,
      text: () => 'Tente de novo daqui a pouco ou entre de outra forma.',
    },
    invalid: {
      title: (name) => `A resposta de ${name} não foi aceita`,
      text: () =>
        'Ela não passou em uma verificação deste servidor, por isso você não entrou. Você pode tentar de novo ou entrar de outra forma.',
    },
    expired: {
      title: () => 'Esta entrada expirou',
      text: (name) =>
        `Uma entrada com ${name} funciona uma vez, por dez minutos, no navegador em que começou. Comece de novo.`,
    },
    disabled: {
      title: () => 'Sua conta está desativada',
      text: (name) => `Você entrou com ${name}, mas sua conta aqui está desativada.`,
    },
    other_account: {
      title: () => 'Essa é outra conta',
      text: (name) =>
        `Você entrou com ${name} como outra pessoa. Continue com a conta em que você entrou aqui.`,
    },
    not_fresh: {
      title: (name) => `${name} não pediu que você entrasse de novo`,
      text: () =>
        'Esta página precisa de uma entrada recente. Saia de lá primeiro ou confirme de outra forma que é você.',
    },
    taken: {
      title: () => 'Já está vinculado a outra conta',
      text: (name) =>
        `Esta entrada com ${name} pertence a outra conta aqui. Desvincule-a de lá primeiro.`,
    },
  },

  providerHelp: (support) => html`Se acontecer de novo, fale com ${support}.`,

  unknownIdentity: {
    hasAccountTitle: 'Você já tem uma conta',
    title: 'Nenhuma conta está vinculada ainda',
    has_account: (provider, address) =>
      html`Há uma conta com o endereço ${address}. Entre nela uma vez para vinculá-la a ${provider}.`,
    no_rule: (provider) =>
      html`Você entrou com ${provider}, mas nenhuma conta aqui está vinculada ainda. Se você tem uma conta, entre nela uma vez para vinculá-la.`,
    unverified: (provider) =>
      html`${provider} não confirma que seu e-mail é seu, por isso nenhuma conta foi criada. Se você tem uma conta aqui, entre nela uma vez para vinculá-la.`,
    domain: (provider) =>
      html`Você entrou com ${provider}, mas pessoas com seu e-mail não recebem uma conta automaticamente. Se você tem uma, entre nela uma vez para vinculá-la.`,
    signIn: 'Entrar na sua conta',
    anotherWay: 'Entrar de outra forma',
    noAccount: (support) => html`Não tem conta? Fale com ${support} para receber uma.`,
  },

  signOut: {
    title: (brand) => `Sair de ${brand}?`,
    appAsks: (app, person) =>
      html`${app} pede para encerrar sua sessão. Você está conectado como ${person}.`,
    appAsksAnother: (app, person) =>
      html`${app} pede para encerrar a sessão de outra conta. Você está conectado como ${person}.`,
    anApp: html`Um app`,
    stay: 'Continuar conectado',
    doneTitle: 'Você saiu',
    appsToo: 'Você também saiu dos apps que usou.',
    done: (brand) => `Você saiu de ${brand}.`,
    continueTo: (app) => html`Continuar em ${app}`,
    frame: 'Encerra a sessão em um app',
  },

  leaving: {
    title: 'Voltar para o app',
    heading: (app) => html`Voltar para ${app}`,
    lead: 'Se nada acontecer, continue aqui.',
  },

  app: {
    developer: 'Desenvolvedor',
    app: 'App',
    notVerified: (brand) => `(não verificado por ${brand})`,
    registered: 'Registrado',
    byItself: 'por si mesmo',
    callsItself: 'Chama a si mesmo de',
    website: 'Site',
    terms: 'Termos',
    yourAccount: 'Sua conta',
    ableTo: 'Ele poderá',
    alsoAbleTo: 'Ele também poderá',
    knowsYou: 'Ele saberá quem você é',
    nothingElse: 'Ele não pede mais nada.',
    connected: 'Conectados',
    revokeAnyTime: (connected) =>
      html`Você pode revogar o acesso a qualquer momento em “${connected}”.`,
  },

  consent: {
    title: 'Permitir um app',
    heading: (app, brand) => html`Permitir que ${app} use sua conta de ${brand}?`,
    moreHeading: (app, brand) => html`Permitir que ${app} faça mais com sua conta de ${brand}?`,
    continueTitle: 'Continuar em um app',
    continueHeading: (app) => html`Continuar em ${app}`,
    returnsTo: 'Volta para',
    appHere: 'Um app neste dispositivo',
    programHere: 'Um programa neste computador',
    another: 'Usar outra conta',
    allowedBefore: 'Você já permitiu',
    choose: 'Você pode escolher',
    chooseHint: 'Desmarque o que ele não deve fazer.',
    chooseFor: (resource) => html`O que ele pode fazer com ${resource}`,
    caution: html`<strong>Só permita se foi você quem começou.</strong> Confira se o endereço é mesmo o do app.`,
    cautionOnDevice: html`<strong>Só permita se foi você quem começou.</strong> Qualquer programa neste dispositivo pode usar o nome deste app.`,
    expires: (fromNow) => `Este pedido expira ${fromNow}.`,
    expectsOther: html`<strong>O app espera outra conta.</strong> Você entrou com uma conta diferente.`,
    signInOther: 'Entrar com outra conta',
    beyondReach: html`<strong>Sua conta não pode permitir isto.</strong> O app pede permissões que você não tem:`,
    askToAllow: (support) =>
      html`Fale com ${support} para que permita isto ou dê essas permissões à sua conta.`,
    allowedTitle: 'Já permitido',
    allowedHeading: (app) => html`Você permitiu ${app}`,
    allowedLead: 'Volte para o app. Se você não entrou nele, comece de novo no app.',
    deniedTitle: 'Negado',
    deniedHeading: (app) => html`O acesso de ${app} foi negado`,
    deniedLead: 'Ele não pode usar sua conta. Se mudar de ideia, comece de novo no app.',
    answeredTitle: 'Já respondido',
    answeredHeading: 'Este pedido já foi respondido',
    answeredLead: (app) =>
      html`Outra pessoa tinha entrado neste navegador e respondeu ao pedido de ${app}.`,
    answeredAdvice: 'Para usar o app com sua própria conta, comece de novo nele.',
    goneTitle: 'Este pedido expirou',
    goneLead:
      'Ele demorou demais, foi iniciado em outro navegador, ou o app não pode mais pedir isso.',
    goneAdvice: 'Volte para o app e comece de novo.',
  },

  decisionRefused: {
    not_allowed_any_more: 'O app não pode mais pedir isso.',
    other_account: 'O app espera outra conta. Entre com essa conta ou comece de novo no app.',
    nothing_chosen: 'Escolha pelo menos um item ou negue o pedido.',
    something_changed: 'Decida de novo: algo mudou.',
    answered:
      'Este pedido já foi respondido em outra aba ou navegador. Volte para o app e comece de novo.',
    disabled: 'A conta ou o app foi desativado ou excluído.',
    needs_factor: 'Este app exige um segundo fator. Entre de novo e use um.',
    lifetime:
      'O dispositivo não pode ficar conectado por tanto tempo. Escolha uma das opções oferecidas.',
  },

  device: {
    title: 'Conectar um dispositivo',
    enterLead: 'Digite o código que seu dispositivo mostra.',
    hint: (example) =>
      `Oito letras, como ${example}. Pode usar minúsculas e deixar de fora o hífen.`,
    enterCaution: 'Só digite um código que você mesmo pediu, no seu próprio dispositivo.',
    noCode: 'Digite o código.',
    onlyLetters: 'Um código só tem letras. Confira o código no seu dispositivo.',
    eightLetters: (example) =>
      `Um código tem oito letras, como ${example}. Confira o código no seu dispositivo.`,
    unknownCode: 'Este código não existe ou expirou. Compare-o com o código no seu dispositivo.',
    tooManyCodes: (wait) => `Códigos incorretos demais. Tente de novo em ${wait}.`,
    heading: (app) => html`Conectar ${app}?`,
    lead: (brand) => `Este app quer usar sua conta de ${brand} em um dispositivo.`,
    compare: 'Seu dispositivo mostra este código?',
    device: 'Dispositivo',
    ip: 'Endereço IP',
    unknown: 'Desconhecido',
    sameAddress: 'o mesmo que o seu',
    requested: 'Solicitado',
    otherAddress:
      'O dispositivo tem um endereço IP diferente do deste navegador. Isso é normal em um servidor, um celular ou outra rede. Se o dispositivo está ao seu lado, confira o código de novo.',
    fullAccess: html`<strong>Ele pede acesso completo.</strong> O token dele pode fazer tudo o que você pode. Quem o obtiver pode usá-lo até que expire.`,
    caution: html`<strong>Só conecte um dispositivo que você mesmo usa.</strong> A equipe de suporte nunca pede que você faça isso por ela.`,
    connect: 'Conectar',
    expires: (fromNow) => `Este código expira ${fromNow}.`,
    stayConnected: 'Ficar conectado por',
    beyondReachPermission: html`<strong>Sua conta não pode conectar este app.</strong> Nenhuma das suas funções tem esta permissão:`,
    beyondReachScopes: html`<strong>Sua conta não pode conectar este app.</strong> Ele pede permissões que você não tem:`,
    askForPermission: (support) =>
      html`Fale com ${support} para que o conecte ou dê essa permissão à sua conta.`,
    askForScopes: (support) =>
      html`Fale com ${support} para que o conecte ou dê essas permissões à sua conta.`,
    anotherCode: 'Digitar outro código',
    approvedTitle: 'Conectado',
    approvedHeading: (app) => html`${app} está conectado`,
    approvedLead:
      'Volte para seu dispositivo: ele continua sozinho em alguns segundos. Você pode fechar esta página.',
    deniedTitle: 'Negado',
    deniedHeading: (app) => html`${app} não foi conectado`,
    deniedLead: 'Ele não pode usar sua conta. Você pode fechar esta página.',
    deniedAdvice: (support) => html`Outra pessoa enviou o código para você? Fale com ${support}.`,
    expiredTitle: 'Este código expirou',
    expiredLead:
      'Um código só funciona por alguns minutos. Comece de novo no seu dispositivo para receber outro.',
    newCode: 'Digitar um novo código',
    answeredTitle: 'Já respondido',
    answeredHeading: 'Este pedido já foi respondido',
    answeredLead: (app) =>
      html`O pedido de ${app} foi respondido em outra página ou por outra pessoa.`,
    answeredAdvice:
      'Confira se ele está conectado à sua conta. Se não estiver, comece de novo no dispositivo.',
  },

  errors: {
    notFound: {
      title: 'Página não encontrada',
      text: 'Talvez o endereço esteja errado, ou a página não exista mais.',
    },
    notAllowed: 'Você não tem permissão para fazer isso',
    formOnly: {
      title: 'Não é possível abrir esta página',
      text: 'Este endereço só aceita um formulário. Comece de novo.',
    },
    tooMany: 'Solicitações demais',
    unavailable: {
      title: 'Temporariamente indisponível',
      text: 'Uma parte deste servidor está indisponível. Nada foi alterado. Tente de novo daqui a pouco.',
    },
    failed: {
      title: 'Algo deu errado',
      text: 'O erro é nosso. Tente de novo.',
    },
    other: 'Não foi possível concluir',
    stale: {
      title: 'Esta página estava desatualizada',
      text: 'Você entrou ou saiu em outra aba, por isso nada foi alterado. Abra a página de novo e confira.',
      action: 'Abrir de novo',
    },
    invalidRequest: {
      title: 'Solicitação inválida',
      ofApp: (app) => `${app} enviou uma solicitação inválida`,
      text: 'Um app enviou você para cá com uma solicitação que este servidor não pode aceitar. Volte para o app e tente de novo. Se acontecer de novo, fale com os desenvolvedores do app.',
      textOfApp:
        'Volte para o app e tente de novo. Se acontecer de novo, fale com os desenvolvedores do app.',
      back: (app, place) => `Voltar para ${app} (${place})`,
    },
    contact: (support, requestId) =>
      html`Se acontecer de novo, fale com ${support} e informe o ID da solicitação: ${requestId}`,
    forDevelopers: 'Para desenvolvedores',
    error: 'Erro',
    description: 'Descrição',
    redirectUri: 'URI de redirecionamento',
    requestId: 'ID da solicitação',
  },
};
