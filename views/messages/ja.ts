/**
 * JAPANESE, in the polite form (です・ます). Names that are inserted have no space beside them.
 *
 * Glossary: sign in = サインイン, sign out = サインアウト, account = アカウント, password = パスワード, passkey = パスキー, second
 * factor = 2 つ目の認証要素, authenticator app = 認証アプリ, recovery code = 回復コード, app = アプリ, device = デバイス, scope =
 * スコープ, allow = 許可, deny = 拒否, connect (a device) = 接続, revoke = 取り消す, administrator = 管理者, outbox = 送信トレイ,
 * invitation = 招待, provider = プロバイダー. Whom people ask (`support`) precedes “にお問い合わせください”.
 */
import { html } from 'hono/html';
import type { Messages } from './en.ts';
import { mails } from './mails/ja.ts';

export const ja: Messages = {
  code: 'ja',
  name: '日本語',

  mails,

  layout: {
    error: 'エラー: ',
    skip: '本文へ移動',
    signedInAs: (person) => html`${person} としてサインインしています`,
    signOut: 'サインアウト',
    about: 'このサービスについて',
    support: 'サポート',
    terms: '利用規約',
    privacy: 'プライバシー',
    language: '言語',
  },

  support: {
    team: (brand) => `${brand}のサポート`,
    administrator: (brand) => html`${brand}の管理者`,
  },

  times: {
    now: 'たった今',
    soon: '1 分以内',
  },

  devices: {
    unknown: '不明なデバイス',
    commandLine: (program) => `コマンドラインの ${program}`,
    writ: 'コマンドラインの writ',
    writtenIn: (language) => `${language} のプログラム`,
    on: (browser, system) => `${system} の ${browser}`,
    tv: (system) => `${system} テレビ`,
    phone: (system) => `${system} スマートフォン`,
    tablet: (system) => `${system} タブレット`,
  },

  fields: {
    email: 'メールアドレス',
    password: 'パスワード',
    name: '名前',
    code: 'コード',
    recoveryCode: '回復コード',
    newPassword: '新しいパスワード',
    newPasswordHint:
      '10 文字以上。互いに関係のない単語をいくつか並べると、よいパスワードになります。',
    repeatPassword: '新しいパスワード（確認）',
  },

  actions: {
    continue: '続ける',
    signIn: 'サインイン',
    signInAgain: 'もう一度サインイン',
    backToSignIn: 'サインインに戻る',
    goBack: '戻る',
    toAccount: 'アカウントへ移動',
    toStart: 'トップページへ移動',
    createAccount: 'アカウントを作成',
    allow: '許可',
    deny: '拒否',
    seeConnected: '接続済みのアプリとデバイスを見る',
  },

  problems: {
    stale:
      'このページは古くなっているか、ブラウザーが Cookie を受け付けていません。もう一度お試しください。',
    gone: 'これはもう存在しません。その間に変更または削除されました。',
    tooManyAttempts: (wait) => `試行回数が多すぎます。${wait}後にもう一度お試しください。`,
    noEmail: 'メールアドレスを入力してください。',
    noPassword: 'パスワードを入力してください。',
    noNewPassword: 'パスワードを入力してください。',
    noCode: 'コードを入力してください。',
    noEmailCode: 'メールに記載されたコードを入力してください。',
    wrongEmailCode: 'コードが正しくありません。最新のメールをご確認ください。',
    wrongAppCode: 'コードが正しくありません。アプリに現在表示されているコードを入力してください。',
    wrongRecoveryCode: 'コードが正しくないか、すでに使用されています。',
    repeat: '2 つのパスワードが一致しません。',
    terms: 'アカウントを作成するには、同意が必要です。',
    noName: '名前を入力してください。',
    nameTooLong: (length) => `名前が長すぎます。${length} 文字以内で入力してください。`,
    nameUnusable:
      '名前に使用できない文字が含まれています。文字、数字、記号を 1 行で入力してください。',
    emailInvalid: 'メールアドレスの形式が正しくありません。',
    emailDomain: (domains) => `${domains}のアドレスを入力してください。`,
  },

  signInRefused: {
    wrong: 'メールアドレスまたはパスワードが正しくありません。',
    busy: '現在サインインが混み合っています。数秒後にもう一度お試しください。',
  },

  passwordRefused: {
    too_short: (length) => `パスワードが短すぎます。${length} 文字以上にしてください。`,
    too_long: (length) => `パスワードが長すぎます。${length} 文字以内にしてください。`,
    too_common:
      'パスワードが推測されやすいものです。よく使われているか、規則的な並びになっています。互いに関係のない単語を組み合わせてください。',
    too_personal:
      'パスワードが推測されやすいものです。大部分がお客様の名前やアドレス、またはこのサービスの名前やアドレスです。ご自身と関係のない単語を組み合わせてください。',
    unusable: 'パスワードに入力できない文字が含まれています。文字、数字、記号を使用してください。',
    unchanged: '現在とは異なるパスワードを選んでください。',
    wrong_current: '現在のパスワードが正しくありません。',
    not_recent: 'サインインしてから時間が経ちすぎています。先にもう一度サインインしてください。',
  },

  passkeyRefused: {
    wrong:
      'このパスキーはここでは使用できません。別のパスキーを使うか、別の方法でサインインしてください。',
    expired: '時間がかかりすぎたか、別のブラウザーで開始されました。もう一度お試しください。',
    unverified:
      'このパスキーは使用者を確認しなかったため、パスワードの後でのみ使用できます。先にパスワードでサインインしてください。',
    cloned:
      'このパスキーは、複製が存在する可能性があるため拒否されました。別の方法でサインインし、アカウントから削除してください。',
    full: 'アカウントのパスキーが上限に達しています。先に 1 つ削除してください。',
    known: 'このパスキーはすでに追加されています。',
  },

  passkeyScript: {
    NotAllowedError: 'パスキーは使用されませんでした。もう一度試すか、別の方法を選んでください。',
    InvalidStateError:
      'このデバイスまたはセキュリティキーには、このアカウントのパスキーがすでにあります。',
    SecurityError: 'このアドレスではパスキーを使用できません。',
    NotSupportedError: 'このデバイスでは、このサイトのパスキーを作成できません。',
    stale: 'このページは古くなっています。再読み込みして、もう一度お試しください。',
  },

  notices: {
    signed_out: 'サインアウトしました。',
    account_deleted: 'アカウントを削除しました。',
    sign_in_expired: 'サインインの有効期限が切れました。もう一度サインインしてください。',
  },

  purposes: {
    app: (app) => html`${app}に進むには、`,
    anApp: 'アプリに進むには、',
    device: 'デバイスを接続するには、',
    invitation: '招待に回答するには、',
    apps: 'アプリのページに進むには、',
    tokens: 'トークンのページに進むには、',
    provider: '連携するには、',
  },

  signIn: {
    title: 'サインイン',
    toApp: (app) => html`サインインして${app}に進む`,
    lead: (brand, purpose) => html`${purpose}${brand}のアカウントを使用してください。`,
    confirmTitle: 'パスワードの確認',
    confirmLead: (purpose) => html`${purpose}パスワードをもう一度入力してください。`,
    itIsYouTitle: 'ご本人であることの確認',
    itIsYouLead: (purpose) => html`${purpose}もう一度サインインしてください。`,
    usePassword: 'パスワードを使用',
    usePasskey: 'パスキーを使用',
    withPasskey: 'パスキーでサインイン',
    passkeysNeedJavaScript:
      'パスキーには JavaScript が必要ですが、このブラウザーでは実行されません。',
    noWay: (support) =>
      html`ここで確認できる方法がありません。パスワードがなく、現在使用できるパスキーもプロバイダーもありません。リンクについては、${support}にお問い合わせください。`,
    continueAs: (person) => html`${person} として続ける`,
    forgot: 'パスワードをお忘れですか？',
    noAccount: (create) => html`アカウントをお持ちでない場合: ${create}`,
    noAccountAsk: (support) =>
      html`アカウントをお持ちでない場合は、${support}に招待をご依頼ください。`,
    continueWith: (provider) => html`${provider}で続ける`,
    lastUsed: '前回使用',
  },

  signInPaused: {
    title: '新しいブラウザーからのサインインは停止中です',
    lead: 'このメールアドレスに対して、誤ったパスワードが続けて何度も入力されました。所有者がサインインするまで、以前に使用したブラウザーからのみサインインできます。',
    knownBrowser:
      '以前に使用したブラウザーまたはスマートフォンからサインインしてください。そこではパスワードを引き続き使用でき、停止も解除されます。',
    newPassword: (support) =>
      html`または、<a href="/sign-in/forgot">新しいパスワードを設定</a>してください。これでも停止は解除されます。できない場合は、${support}にお問い合わせください。`,
  },

  emailCode: {
    title: 'メールをご確認ください',
    lead: 'このブラウザーでは、アカウントがまだ使用されていません。メールアドレスに送信したコードを入力してください。',
    hint: '10 分間有効です。',
    nothingArrived: (again, support) =>
      html`届かない場合は、迷惑メールフォルダーを確認するか、1 分後に<a href="${again}">もう一度サインイン</a>して別のコードを受け取ってください。このメールを受信できない場合は、${support}にお問い合わせください。`,
    expiredTitle: 'このコードは無効になりました',
    expiredLead:
      '有効期限が切れたか、誤ったコードが何度も入力されました。もう一度サインインすると、別のコードを受け取れます。',
    noEmail: (support) => html`メールが届かない場合は、${support}にお問い合わせください。`,
  },

  factor: {
    codeTitle: 'コードを入力',
    codeLead: '認証アプリを開き、表示されているコードを入力してください。',
    recoveryTitle: '回復コードを使用',
    recoveryLead: '保管しているコードのうち 1 つを入力してください。使用できるのは 1 回だけです。',
    remember: (days) => `このブラウザーでは ${days} 日間確認しない`,
    noCodesLeft: (support) => html`コードが残っていない場合は、${support}にお問い合わせください。`,
    lostPhone: (support) =>
      html`スマートフォンを紛失した場合は、回復コードを使用するか、${support}にお問い合わせください。`,
    passkeyTitle: 'パスキーを使用してください',
    passkeyLead: 'アカウントに追加したパスキーまたはセキュリティキーを、ブラウザーが求めます。',
    noPasskeys:
      'このブラウザーはパスキーに対応していないか、JavaScript が無効になっています。別の方法を選ぶか、JavaScript が有効な最新のブラウザーでこのページを開いてください。',
    usePasskey: 'パスキーを使用',
    lostPasskey: (support) => html`パスキーを紛失した場合は、${support}にお問い合わせください。`,
    lostPasskeyOtherWays: (support) =>
      html`パスキーを紛失した場合は、別の方法を使うか、${support}にお問い合わせください。`,
    ways: {
      passkey: 'パスキーを使用',
      authenticator: '認証アプリを使用',
      recovery: '回復コードを使用',
    },
  },

  enrol: {
    title: '2 つ目の認証要素を設定',
    lead: '続けるには、パスキー、またはコードを表示するアプリが必要です。',
    createPasskey: 'パスキーを作成',
    app: '認証アプリ',
    scan: 'このコードをアプリで読み取り、アプリに表示されたコードを入力してください。',
    qr: '下に表示されているキーの QR コード',
    key: (key) => html`読み取れない場合は、このキーをアプリに入力してください: ${key}`,
    confirm: '確認して続ける',
    codesTitle: '回復コード',
    codesLead: '2 つ目の認証要素を設定しました。紛失した場合は、次のコードでサインインできます。',
    goOn: '続ける',
  },

  recoveryCodes: {
    heading: '回復コード',
    caution: html`<strong>今すぐコードを印刷または保存してください。表示されるのは 1 回だけです。</strong>合鍵を保管するような場所に保管してください。それぞれ 1 回だけ使用できます。`,
    download: 'ダウンロード',
    file: 'recovery-codes-ja.txt',
    fileTitle: (brand, person) => `${brand}の回復コード${person && `（${person}）`}`,
    fileText: 'それぞれ 1 回、2 つ目の認証要素の代わりに使用できます。',
  },

  factorsReset: {
    title: '2 つ目の認証要素を残す',
    lead: (brand, name, moment) =>
      html`${brand}のアカウント（${name}）の 2 つ目の認証要素は、管理者の予定により ${moment} に削除されます。`,
    keep: '残す',
    asked: '認証要素を紛失してご自身で依頼した場合は、何もせずにこのページを閉じてください。',
    stoppedTitle: '2 つ目の認証要素は残ります',
    stoppedLead:
      '削除は行われません。ご自身で依頼していない場合は、パスワードを知られている可能性があります。今すぐ変更してください。',
    changePassword: 'パスワードを変更',
    goneLead: '2 つ目の認証要素の削除は、中止されたか、すでに行われました。',
  },

  forgot: {
    title: 'パスワードをお忘れですか？',
    noneLead: (support) =>
      html`このサーバーはメールを送信しません。新しいパスワードを設定するリンクについては、${support}にお問い合わせください。`,
    lead: 'メールアドレスを入力してください。新しいパスワードを設定するリンクをお送りします。',
    outboxLead: (support) =>
      html`このサーバーはメールを送信しません。ここでリンクを依頼してから、${support}にお問い合わせください。リンクは送信トレイにあり、そこから受け取れます。`,
    send: 'リンクを送信',
    ask: 'リンクを依頼',
    sentTitle: 'メールをご確認ください',
    sentLead:
      'このアドレスにパスワードのあるアカウントがあれば、リンクをお送りしました。リンクは 30 分間、1 回だけ有効です。',
    outboxTitle: 'ご依頼は送信トレイにあります',
    outboxSentLead: (support) =>
      html`このアドレスにパスワードのあるアカウントがあれば、30 分間、1 回だけ有効なリンクが作成されました。${support}にお問い合わせください。`,
    takesMinutes: '数分かかることがあります。迷惑メールフォルダーもご確認ください。',
    unchanged: '新しいパスワードを設定するまで、現在のパスワードは変わりません。',
    nothingArrived: (support) =>
      html`届かない場合や、このメールを受信できない場合は、${support}にお問い合わせください。`,
    usedTitle: 'このリンクはすでに使用されています',
    usedLead:
      'このリンクで新しいパスワードが設定されました。そのパスワードでサインインしてください。',
    goneLead:
      '有効期限が切れたか、新しいリンクに置き換えられました。パスワードは変わっていません。',
    askAgain: '新しいリンクを依頼',
  },

  link: {
    gone: 'このリンクは無効になりました',
  },

  invitation: {
    newTitle: '新しいパスワードを選択',
    title: 'パスワードを選択',
    welcome: (name) => html`ようこそ、${name}さん`,
    newLead: (brand, name) =>
      html`${brand}のアカウント（${name}）用です。ほかのすべての場所ではサインアウトされます。`,
    lead: (brand) => `パスワードを選択して、${brand}のアカウントの設定を完了してください。`,
    access: 'アプリ、デバイス、アクセストークン',
    keepAccess: '接続したままにする',
    keepAccessHint:
      '以前のパスワードをほかの誰も知らなかったと確信できる場合のみ選んでください。選ばない場合はアクセスが取り消され、必要なものを改めて接続することになります。',
    setNew: '新しいパスワードを設定してサインイン',
    set: 'パスワードを設定してサインイン',
    goneLead: 'すでに使用されたか、有効期限が切れたか、新しいリンクに置き換えられました。',
    signedIn: 'サインインしています。',
    askForLink: (support) =>
      html`パスワードを設定済みの場合は、サインインできます。そうでない場合は、新しいリンクについて${support}にお問い合わせください。`,
  },

  register: {
    title: 'アカウントを作成',
    toApp: (app) => html`アカウントを作成して${app}に進む`,
    lead: (brand) =>
      `メールアドレスにリンクをお送りします。そのリンクで、${brand}のアカウントのパスワードを選択します。`,
    domains: (domains) => `登録できるのは、${domains}のアドレスのみです。`,
    subdomain: (domain) => `${domain} のサブドメイン`,
    send: 'リンクを送信',
    approval: 'アカウントは、管理者が承認してからサインインできるようになります。',
    haveAccount: (signIn) => html`アカウントをお持ちの場合: ${signIn}`,
    sentLead: (email) => html`${email} にメールをお送りしました。`,
    outboxSentLead: (support, email) =>
      html`${email} 用のリンクについては、${support}にお問い合わせください。`,
    useHere:
      'このブラウザーでリンクを開くと、続きから再開できます。リンクは 24 時間、1 回だけ有効です。',
    nothingArrived:
      '数分たっても届かない場合は、迷惑メールを確認し、上のアドレスが正しいかご確認ください。',
    another: '別のアドレスを使用',
    formTitle: 'アカウントの作成',
    formLead: (brand) => `${brand}のアカウントを作成すると、メールアドレスが確認済みになります。`,
    terms: '規約',
    termsOfService: '利用規約',
    privacyPolicy: 'プライバシーポリシー',
    accept: (terms) => html`${terms}に同意します`,
    acceptBoth: (terms, privacy) => html`${terms}と${privacy}に同意します`,
    acceptPrivacy: (privacy) => html`${privacy}に同意します`,
    create: 'アカウントを作成',
    createAndSignIn: 'アカウントを作成してサインイン',
    goneLead:
      'すでに使用されたか、有効期限が切れたか、このアドレスのアカウントがすでに存在します。',
    waitsTitle: 'アカウントは承認待ちです',
    waitsLead: 'メールアドレスは確認済みです。管理者がアカウントを承認するかどうかを決定します。',
    waitsForEmail: (support) =>
      html`サインインできるようになると、メールが届きます。時間がかかりすぎる場合は、${support}にお問い合わせください。`,
  },

  providers: {
    denied: {
      title: (name) => `${name}でサインインしませんでした`,
      text: (name) => `${name}によると、サインインはキャンセルされました。何も変更されていません。`,
    },
    refused: {
      title: (name) => `${name}がサインインを拒否しました`,
      text: () => 'もう一度試すか、別の方法でサインインしてください。何も変更されていません。',
    },
    unreachable: {
      title: (name) => `${name}が応答しません`,
      text: () => 'しばらくしてからもう一度試すか、別の方法でサインインしてください。',
    },
    invalid: {
      title: (name) => `${name}の応答は受け付けられませんでした`,
      text: () =>
        'このサーバーの検査に通らなかったため、サインインしていません。もう一度試すか、別の方法でサインインしてください。',
    },
    expired: {
      title: () => 'このサインインの有効期限が切れました',
      text: (name) =>
        `${name}でのサインインは、開始したブラウザーで 10 分間、1 回だけ有効です。最初からやり直してください。`,
    },
    disabled: {
      title: () => 'アカウントは無効になっています',
      text: (name) => `${name}でサインインしましたが、ここでのアカウントは無効になっています。`,
    },
    other_account: {
      title: () => '別のアカウントです',
      text: (name) =>
        `${name}に別のユーザーとしてサインインしました。ここでサインインしているアカウントで続けてください。`,
    },
    not_fresh: {
      title: (name) => `${name}は再度のサインインを求めませんでした`,
      text: () =>
        'このページには最近のサインインが必要です。先に相手側でサインアウトするか、別の方法でご本人であることを確認してください。',
    },
    taken: {
      title: () => '別のアカウントに連携されています',
      text: (name) =>
        `この${name}のサインインは、ここでは別のアカウントのものです。先にそちらで連携を解除してください。`,
    },
  },

  providerHelp: (support) => html`繰り返し発生する場合は、${support}にお問い合わせください。`,

  unknownIdentity: {
    hasAccountTitle: 'すでにアカウントをお持ちです',
    title: '連携されたアカウントがまだありません',
    has_account: (provider, address) =>
      html`${address} のアカウントがあります。一度サインインすると、${provider}と連携できます。`,
    no_rule: (provider) =>
      html`${provider}でサインインしましたが、連携されたアカウントがここにはまだありません。アカウントをお持ちの場合は、一度サインインすると連携できます。`,
    unverified: (provider) =>
      html`${provider}ではメールアドレスがご本人のものと確認されていないため、アカウントは作成されませんでした。ここにアカウントをお持ちの場合は、一度サインインすると連携できます。`,
    domain: (provider) =>
      html`${provider}でサインインしましたが、このメールアドレスではアカウントが自動的に作成されません。アカウントをお持ちの場合は、一度サインインすると連携できます。`,
    signIn: 'アカウントにサインイン',
    anotherWay: '別の方法でサインイン',
    noAccount: (support) =>
      html`アカウントをお持ちでない場合は、${support}にお問い合わせください。`,
  },

  signOut: {
    title: (brand) => `${brand}からサインアウトしますか？`,
    appAsks: (app, person) =>
      html`${app}がサインアウトを求めています。現在 ${person} としてサインインしています。`,
    appAsksAnother: (app, person) =>
      html`${app}が別のアカウントのサインアウトを求めています。現在 ${person} としてサインインしています。`,
    anApp: html`アプリ`,
    stay: 'サインインしたままにする',
    doneTitle: 'サインアウトしました',
    appsToo: '使用したアプリからもサインアウトしました。',
    done: (brand) => `${brand}からサインアウトしました。`,
    continueTo: (app) => html`${app}に進む`,
    frame: 'アプリからサインアウトします',
  },

  leaving: {
    title: 'アプリに戻る',
    heading: (app) => html`${app}に戻ります`,
    lead: '何も起こらない場合は、ここから続けてください。',
  },

  app: {
    developer: '開発者',
    app: 'アプリ',
    notVerified: (brand) => `（${brand}による確認なし）`,
    registered: '登録',
    byItself: 'アプリ自身による',
    callsItself: '自称する名前',
    website: 'サイト',
    terms: '利用規約',
    yourAccount: 'お客様のアカウント',
    ableTo: 'アプリができるようになること',
    alsoAbleTo: 'アプリがさらにできるようになること',
    knowsYou: 'アプリは、あなたが誰であるかを知ります',
    nothingElse: 'それ以外のことは求めていません。',
    connected: '接続済み',
    revokeAnyTime: (connected) => html`アクセスは「${connected}」からいつでも取り消せます。`,
  },

  consent: {
    title: 'アプリを許可',
    heading: (app, brand) => html`${app}に${brand}のアカウントの使用を許可しますか？`,
    moreHeading: (app, brand) =>
      html`${app}に${brand}のアカウントでさらに多くの操作を許可しますか？`,
    continueTitle: 'アプリに進む',
    continueHeading: (app) => html`${app}に進む`,
    returnsTo: '戻り先',
    appHere: 'このデバイスのアプリ',
    programHere: 'このコンピューターのプログラム',
    another: '別のアカウントを使用',
    allowedBefore: 'すでに許可したもの',
    choose: '選択できるもの',
    chooseHint: '許可しないもののチェックを外してください。',
    chooseFor: (resource) => html`${resource}でできること`,
    caution: html`<strong>ご自身で開始した場合のみ許可してください。</strong>アドレスがアプリのものであることをご確認ください。`,
    cautionOnDevice: html`<strong>ご自身で開始した場合のみ許可してください。</strong>このデバイスのどのプログラムでも、このアプリの名前を使用できます。`,
    expires: (fromNow) => `このリクエストの有効期限: ${fromNow}`,
    expectsOther: html`<strong>アプリは別のアカウントを求めています。</strong>現在は異なるアカウントでサインインしています。`,
    signInOther: '別のアカウントでサインイン',
    beyondReach: html`<strong>このアカウントでは許可できません。</strong>アプリが、お持ちでないスコープを求めています:`,
    askToAllow: (support) =>
      html`許可するか、アカウントにこれらのスコープを付与するよう、${support}にご依頼ください。`,
    allowedTitle: '許可済み',
    allowedHeading: (app) => html`${app}を許可しました`,
    allowedLead:
      'アプリに戻ってください。サインインしていない場合は、アプリで最初からやり直してください。',
    deniedTitle: '拒否済み',
    deniedHeading: (app) => html`${app}のアクセスを拒否しました`,
    deniedLead:
      'アプリはアカウントを使用できません。気が変わった場合は、アプリで最初からやり直してください。',
    answeredTitle: '回答済み',
    answeredHeading: 'このリクエストはすでに回答されています',
    answeredLead: (app) =>
      html`このブラウザーでサインインしていた別の人が、${app}のリクエストに回答しました。`,
    answeredAdvice:
      'ご自身のアカウントでアプリを使用するには、アプリで最初からやり直してください。',
    goneTitle: 'このリクエストの有効期限が切れました',
    goneLead:
      '時間がかかりすぎたか、別のブラウザーで開始されたか、アプリがリクエストを許可されなくなりました。',
    goneAdvice: 'アプリに戻って、最初からやり直してください。',
  },

  decisionRefused: {
    not_allowed_any_more: 'アプリは、これを求めることを許可されなくなりました。',
    other_account:
      'アプリは別のアカウントを求めています。そのアカウントでサインインするか、アプリで最初からやり直してください。',
    nothing_chosen: '1 つ以上選択するか、リクエストを拒否してください。',
    something_changed: '内容が変更されました。もう一度決定してください。',
    answered:
      'このリクエストは、別のタブまたはブラウザーですでに回答されています。アプリに戻って、最初からやり直してください。',
    disabled: 'アカウントまたはアプリが無効になったか、削除されました。',
    needs_factor:
      'このアプリには 2 つ目の認証要素が必要です。もう一度サインインして、確認してください。',
    lifetime:
      'デバイスをそれほど長く接続しておくことはできません。提示された期間から選んでください。',
  },

  device: {
    title: 'デバイスを接続',
    enterLead: 'デバイスに表示されているコードを入力してください。',
    hint: (example) =>
      `${example} のような 8 文字です。小文字でも、ハイフンがなくてもかまいません。`,
    enterCaution: 'ご自身のデバイスで、ご自身が取得したコードのみを入力してください。',
    noCode: 'コードを入力してください。',
    onlyLetters: 'コードは英字のみです。デバイスのコードをご確認ください。',
    eightLetters: (example) =>
      `コードは ${example} のような 8 文字です。デバイスのコードをご確認ください。`,
    unknownCode:
      'このコードは存在しないか、有効期限が切れています。デバイスのコードと比べてください。',
    tooManyCodes: (wait) => `誤ったコードが多すぎます。${wait}後にもう一度お試しください。`,
    heading: (app) => html`${app}を接続しますか？`,
    lead: (brand) => `このアプリは、デバイスで${brand}のアカウントを使用しようとしています。`,
    compare: 'デバイスにこのコードが表示されていますか？',
    device: 'デバイス',
    ip: 'IP アドレス',
    unknown: '不明',
    sameAddress: 'お使いのものと同じ',
    requested: '要求日時',
    otherAddress:
      'デバイスの IP アドレスが、このブラウザーのものと異なります。サーバー、スマートフォン、別のネットワークでは通常のことです。デバイスが手元にある場合は、コードをもう一度ご確認ください。',
    fullAccess: html`<strong>フルアクセスを求めています。</strong>そのトークンは、あなたにできることをすべて行えます。入手した人は誰でも、有効期限まで使用できます。`,
    caution: html`<strong>ご自身で使用するデバイスのみ接続してください。</strong>サポート担当者がこの操作をお願いすることはありません。`,
    connect: '接続',
    expires: (fromNow) => `このコードの有効期限: ${fromNow}`,
    stayConnected: '接続しておく期間',
    beyondReachPermission: html`<strong>このアカウントではこのアプリを接続できません。</strong>お持ちのロールには次の権限がありません:`,
    beyondReachScopes: html`<strong>このアカウントではこのアプリを接続できません。</strong>アプリが、お持ちでないスコープを求めています:`,
    askForPermission: (support) =>
      html`接続するか、アカウントにこの権限を付与するよう、${support}にご依頼ください。`,
    askForScopes: (support) =>
      html`接続するか、アカウントにこれらのスコープを付与するよう、${support}にご依頼ください。`,
    anotherCode: '別のコードを入力',
    approvedTitle: '接続しました',
    approvedHeading: (app) => html`${app}を接続しました`,
    approvedLead:
      'デバイスに戻ってください。数秒以内に自動で続行します。このページは閉じてかまいません。',
    deniedTitle: '拒否しました',
    deniedHeading: (app) => html`${app}は接続されませんでした`,
    deniedLead: 'アプリはアカウントを使用できません。このページは閉じてかまいません。',
    deniedAdvice: (support) =>
      html`ほかの人からコードが送られてきた場合は、${support}にお知らせください。`,
    expiredTitle: 'このコードの有効期限が切れました',
    expiredLead:
      'コードは数分間だけ有効です。新しいコードを取得するには、デバイスで最初からやり直してください。',
    newCode: '新しいコードを入力',
    answeredTitle: '回答済み',
    answeredHeading: 'このリクエストはすでに回答されています',
    answeredLead: (app) => html`${app}のリクエストは、別のページで、またはほかの人が回答しました。`,
    answeredAdvice:
      'アカウントに接続されているかご確認ください。接続されていない場合は、デバイスで最初からやり直してください。',
  },

  errors: {
    notFound: {
      title: 'ページが見つかりません',
      text: 'アドレスが間違っているか、ページが存在しなくなった可能性があります。',
    },
    notAllowed: 'この操作は許可されていません',
    formOnly: {
      title: 'このページは開けません',
      text: 'このアドレスはフォームのみを受け付けます。最初からやり直してください。',
    },
    tooMany: 'リクエストが多すぎます',
    unavailable: {
      title: '一時的に利用できません',
      text: 'このサーバーの一部を利用できません。何も変更されていません。しばらくしてからもう一度お試しください。',
    },
    failed: {
      title: '問題が発生しました',
      text: 'サーバー側の問題です。もう一度お試しください。',
    },
    other: '処理できませんでした',
    stale: {
      title: 'このページは古くなっていました',
      text: '別のタブでサインインまたはサインアウトしたため、何も変更されていません。ページをもう一度開いてご確認ください。',
      action: 'もう一度開く',
    },
    invalidRequest: {
      title: '無効なリクエスト',
      ofApp: (app) => `${app}が無効なリクエストを送信しました`,
      text: 'アプリが、このサーバーで受け付けられないリクエストを送信しました。アプリに戻って、もう一度お試しください。繰り返し発生する場合は、アプリの開発者にお問い合わせください。',
      textOfApp:
        'アプリに戻って、もう一度お試しください。繰り返し発生する場合は、アプリの開発者にお問い合わせください。',
      back: (app, place) => `${app}に戻る（${place}）`,
    },
    contact: (support, requestId) =>
      html`繰り返し発生する場合は、次のリクエスト ID を添えて、${support}にお問い合わせください: ${requestId}`,
    forDevelopers: '開発者向け',
    error: 'エラー',
    description: '説明',
    redirectUri: 'リダイレクト URI',
    requestId: 'リクエスト ID',
  },
};
