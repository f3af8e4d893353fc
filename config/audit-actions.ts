/** The actions of audit events by their nouns, as `noun.past_participle`. A refusal has the name of the refused action. */
const actions = {
  client: [
    'created',
    'updated',
    'disabled',
    'enabled',
    'deleted',
    'tokens_revoked',
    'logout_refused',
    'logout_undelivered',
  ],
  metadata_document: ['changed', 'unreadable'],
  initial_access_token: ['created', 'used', 'revoked'],
  client_secret: ['created', 'revoked', 'leaked'],
  role: ['created', 'updated', 'deleted'],
  resource: ['created', 'updated', 'deleted'],
  account: [
    'created',
    'registered',
    'approved',
    'refused',
    'updated',
    'deleted',
    'disabled',
    'enabled',
    'tokens_revoked',
    'invited',
    'password_changed',
    'email_verified',
    'email_changed',
    'email_restored',
    'reset_link_sent',
    'outbox_viewed',
    'factor_added',
    'factor_removed',
    'factor_proven',
    'recovery_code_used',
    'recovery_codes_replaced',
    'browsers_forgotten',
    'signed_in',
    'signed_out',
    'factors_reset_planned',
    'factors_reset_cancelled',
    'factors_reset_stopped',
    'factors_reset',
  ],
  passkey: ['added', 'renamed', 'removed', 'cloned'],
  session: ['ended', 'others_ended', 'used_elsewhere'],
  identity_provider: ['created', 'updated', 'deleted'],
  trusted_issuer: ['created', 'updated', 'deleted', 'used', 'tokens_revoked'],
  cross_app_access: ['created', 'updated', 'deleted', 'used'],
  identity: ['linked', 'unlinked'],
  device: ['approved', 'denied'],
  consent: ['granted', 'denied', 'withdrawn'],
  app: ['created', 'updated', 'disabled', 'enabled', 'deleted', 'handed_over'],
  app_member: ['added', 'changed', 'removed'],
  app_invitation: ['created', 'revoked', 'accepted', 'declined'],
  app_role: ['created', 'updated', 'deleted'],
  token: ['tried', 'revoked', 'leaked'],
  grant: ['revoked'],
  delegation: ['started', 'ended', 'allowed'],
  refresh_token: ['reused'],
  api_key: ['created', 'updated', 'rolled'],
  api_token: ['created', 'updated', 'rolled'],
  personal_access_token: ['created', 'updated', 'rolled'],
  key: ['announced', 'rotated', 'revoked', 'removed', 'resealed'],
} as const;

type Actions = typeof actions;

export type AuditAction = {
  [Noun in keyof Actions]: `${Noun}.${Actions[Noun][number]}`;
}[keyof Actions];

/** Every action. */
export const auditActions: readonly string[] = Object.entries(actions).flatMap(([noun, verbs]) =>
  verbs.map((verb) => `${noun}.${verb}`),
);
