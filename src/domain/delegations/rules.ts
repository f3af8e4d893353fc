/** Rules of token exchange: which client can present which token. */

/** A token as far as these rules go. */
interface Presented {
  /** The client that it was issued to. */
  client: { app: string | null };
  /** The actors that it names itself (RFC 8693 §4.4). */
  mayAct: unknown;
  /** Whether only the client that it was issued to can present it. */
  isForClientOnly: boolean;
}

/**
 * Whether a client of this app, or of none, can exchange a token: an app's Owner lets a client exchange tokens of that app;
 * only a token that names its actor is for others too.
 */
export const canExchange = (
  app: string | null,
  { client, mayAct, isForClientOnly }: Presented,
): boolean => app === null || client.app === app || mayAct !== undefined || isForClientOnly;
