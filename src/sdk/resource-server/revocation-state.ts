/** WHAT IS KNOWN OF REVOCATIONS, and whether it revokes a JWT. sdk/vectors/feeds.json has examples. */

/** An item of `/api/v1/revocations`. */
export interface RevocationItem {
  number: number;
  at: string;
  kind: string;
  jti?: string;
  client_id?: string;
  grant_id?: string;
  sub?: string;
  app?: string;
  kid?: string;
  epoch?: number;
}

/** The claims of a JWT that revocations name. */
export interface RevocableClaims {
  jti?: unknown;
  client_id?: unknown;
  grant_id?: unknown;
  sub?: unknown;
  app?: unknown;
  epochs?: unknown;
}

/** Until when something matters, in milliseconds since 1970, and the epoch from which on tokens are active. */
interface Known {
  at: number;
  epoch: number;
}

/** Creates an empty state. */
export function createRevocationState() {
  const tokens = new Map<string, number>();
  const keys = new Set<string>();
  const epochs = {
    grant: new Map<string, Known>(),
    account: new Map<string, Known>(),
    client: new Map<string, Known>(),
    app: new Map<string, Known>(),
  };

  let version = 0;

  const raise = (of: Map<string, Known>, name: string, { at, epoch }: Known): void => {
    const before = of.get(name);
    of.set(name, { at, epoch: Math.max(epoch, before?.epoch ?? 0) });
  };

  return {
    /** Another number after each change: a JWT that was not revoked with this one is not revoked while it is the same. */
    version: (): number => version,

    /** Learns of a change. Changes can come twice. */
    apply({
      kind,
      at: time,
      jti,
      kid,
      epoch,
      grant_id,
      sub,
      client_id,
      app,
    }: RevocationItem): void {
      version++;
      const at = Date.parse(time);
      if (kind === 'token.revoked' && jti !== undefined) tokens.set(jti, at);
      if (kind === 'key.revoked' && kid !== undefined) keys.add(kid);
      if (epoch === undefined) return;
      const known = { at, epoch };
      if (grant_id !== undefined) raise(epochs.grant, grant_id, known);
      else if (sub !== undefined) raise(epochs.account, sub, known);
      else if (client_id !== undefined) raise(epochs.client, client_id, known);
      else if (app !== undefined) raise(epochs.app, app, known);
    },

    /** Whether a JWT with these claims, signed by the key `kid`, is revoked. */
    revokes(claims: RevocableClaims, kid: string | undefined): boolean {
      if (tokens.has(String(claims.jti)) || (kid !== undefined && keys.has(kid))) return true;
      const own = (claims.epochs ?? {}) as Record<string, number | undefined>;
      const isBehind = (of: keyof typeof epochs, name: unknown): boolean => {
        const known = name === undefined ? undefined : epochs[of].get(String(name));
        return known !== undefined && (own[of] ?? 0) < known.epoch;
      };
      return (
        isBehind('client', claims.client_id) ||
        isBehind('app', claims.app) ||
        isBehind('account', claims.sub) ||
        isBehind('grant', claims.grant_id)
      );
    },

    /** Forgets what is older than every JWT that is checked: changes before this time, in milliseconds since 1970. */
    prune(before: number): void {
      for (const [jti, at] of tokens) if (at < before) tokens.delete(jti);
      for (const of of Object.values(epochs))
        for (const [name, { at }] of of) if (at < before) of.delete(name);
    },

    /** Forgets everything. */
    clear(): void {
      version++;
      tokens.clear();
      keys.clear();
      for (const of of Object.values(epochs)) of.clear();
    },
  };
}

export type RevocationState = ReturnType<typeof createRevocationState>;
