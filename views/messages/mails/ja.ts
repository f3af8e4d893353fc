import type { Mails } from './en.ts';

/** JAPANESE emails; the glossary is that of the pages. */
export const mails: Mails = {
  hello: (name) => (name ? `${name} 様` : 'お客様'),
  automatic: (brand) =>
    `このメールは ${brand} から自動的に送信されています。返信いただいても確認できません。`,
  help: (addresses) => `お問い合わせ: ${addresses}`,
  support: (brand, addresses) => `${brand} のサポート（${addresses}）`,
  administrator: (brand) => `${brand} の管理者`,
  or: (one, other) => `${one} または ${other}`,
  facts: {
    code: 'コード',
    codeExpires: 'コードの有効期限',
    linkExpires: 'リンクの有効期限',
    browser: 'ブラウザー',
    ip: 'IP アドレス',
    requestedFrom: 'リクエスト元',
    signedIn: 'サインイン日時',
    set: '設定日時',
    changed: '変更日時',
  },
  links: {
    signIn: 'サインイン',
    changePassword: 'パスワードを変更',
    account: 'アカウントを確認',
    connected: '接続済みのアプリとデバイスを確認',
    tokens: 'トークンを確認',
  },
  ifYou: 'ご自身による操作の場合は、このメールを無視してかまいません。',
  ignore: 'お心当たりがない場合は、このメールを無視してかまいません。',
  signInCode: {
    subject: 'サインインコード',
    opening:
      'このアカウントでまだ使用されていないブラウザーで、パスワードが入力されました。続けるには、そのブラウザーでこのコードを入力してください。',
    secret: 'コードを誰にも教えないでください。サポートがコードを求めることはありません。',
    ifNotYou: (contact) =>
      `お心当たりがない場合は、パスワードを知られています。パスワードを変更し、${contact}にお問い合わせください。`,
  },
  passwordReset: {
    noneSubject: 'アカウントにパスワードがありません',
    noneOpening:
      'アカウントの新しいパスワードを設定するリンクがリクエストされましたが、このアカウントにはまだパスワードがありません。',
    noneAdvice: (contact) =>
      `ご自身でリクエストした場合は、以前と同じ方法でサインインするか、${contact}に招待をご依頼ください。それ以外の場合は、このメールを無視してかまいません。`,
    subject: '新しいパスワードの設定',
    opening: 'アカウントの新しいパスワードを設定するリンクがリクエストされました。',
    once: 'リンクは 1 回だけ有効です。複数回リクエストした場合は、最新のリンクのみ有効です。',
    ifNotYou:
      'お心当たりがない場合は、このメールを無視してかまいません。パスワードは変わりません。',
  },
  invited: {
    subject: (brand) => `${brand} への招待`,
    newSubject: '新しいパスワードの設定',
    opening: (brand) =>
      `${brand} の新しいアカウントが作成されました。サインインに使用するパスワードを選択してください。`,
    newOpening: (brand) => `このリンクで、${brand} のアカウントの新しいパスワードを設定できます。`,
    secret:
      'リンクは 1 回だけ有効です。ほかの人に渡さないでください。リンクを持つ人は、あなたとしてサインインできます。',
    newUnexpected: (contact) =>
      `お心当たりがない場合は、リンクを使用せず、${contact}にお問い合わせください。`,
    choose: 'パスワードを選択',
  },
  passwordChanged: {
    setSubject: 'パスワードが設定されました',
    setByLink: '招待リンクで、アカウントのパスワードが設定されました。',
    setOnPage:
      'アカウントのページでパスワードが設定されました。今後はこのパスワードでサインインできます。',
    subject: 'パスワードが変更されました',
    byLink:
      'リンクで、アカウントのパスワードが設定されました。ほかのすべてのブラウザーではサインアウトされました。',
    onPage:
      'アカウントのパスワードが変更されました。ほかのすべてのブラウザーではサインアウトされました。',
    ended:
      'アプリ、デバイス、個人用アクセストークンのアクセスも取り消されました。必要なものを改めて接続してください。',
    kept: 'アプリ、デバイス、個人用アクセストークンは引き続きアクセスできます。',
    ifNotYou: (contact) =>
      `お心当たりがない場合は、ほかの人がアカウントにアクセスできる可能性があります。すぐに${contact}にお問い合わせのうえ、新しいリンクをご依頼ください。`,
  },
  newSignIn: {
    subject: 'アカウントへの新しいサインイン',
    opening: 'このアカウントでまだ使用されていないブラウザーから、サインインがありました。',
    ifNotYou: (contact) =>
      `お心当たりがない場合は、ほかの人がアカウントにアクセスできる可能性があります。そのブラウザーをサインアウトし、パスワードを変更して、すぐに${contact}にお問い合わせください。`,
  },
  registration: {
    subject: (brand) => `${brand} のアカウントを作成`,
    opening: (brand) =>
      `このメールアドレスで ${brand} のアカウントの作成がリクエストされました。ご自身のアドレスであることを確認し、パスワードを選択してください。`,
    once: 'リンクは 1 回だけ有効です。',
    ifNotYou: 'お心当たりがない場合は、このメールを無視してください。アカウントは作成されません。',
    create: 'アカウントを作成',
  },
};
