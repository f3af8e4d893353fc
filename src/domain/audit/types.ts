import type { AuditAction } from '../../../config/audit-actions.ts';

/** What an action was applied to. `id` is the public id, or the name for apps, roles and resources. */
export interface AuditTarget {
  kind:
    | 'client'
    | 'role'
    | 'resource'
    | 'account'
    | 'session'
    | 'token'
    | 'grant'
    | 'key'
    | 'app'
    | 'identity_provider'
    | 'trusted_issuer'
    | 'mail'
    | 'cross_app_access'
    | 'bulk_revocation'
    | 'signal_stream'
    | 'initial_access_token';
  id: string;
}

/** An event to record. */
export interface NewAuditEvent {
  action: AuditAction;
  target?: AuditTarget | undefined;
  /** Must not contain secrets. */
  details?: Record<string, unknown> | undefined;
  /**
   * Internal id of the app in which it happened. Defaults to the app of the target; null hides the event from the
   * app.
   */
  app?: string | null | undefined;
}

/** A stored event. */
export interface AuditEvent {
  id: number;
  at: Date;
  action: string;
  result: 'success' | 'refused';
  actor: { kind: string; id: string | null; token_id: string | null };
  target: { kind: string; id: string } | null;
  ip: string | null;
  request_id: string | null;
  details: Record<string, unknown> | null;
}

/** Filters of the audit log; all of them must match. */
export interface AuditFilter {
  action?: string | undefined;
  /** The id of the actor. */
  actor?: string | undefined;
  /** The id of the target. */
  target?: string | undefined;
  /** The id of the actor or of the target. */
  about?: string | undefined;
  result?: AuditEvent['result'] | undefined;
  /** The account of a person whom the event names, or who is its actor. */
  person?: string | undefined;
  /** Internal id of an app: only events that happened in it. */
  app?: string | undefined;
  /** Name of an app, including deleted ones. */
  appName?: string | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}
