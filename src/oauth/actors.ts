/** WHO ACTS (RFC 8693 §4.1): the claim `act`, the current actor first, and inside it those who acted before. */
export interface Actors {
  sub: string;
  /** The issuer whose `sub` it is, unless it is this server. */
  iss?: string;
  act?: Actors;
}

/** The actors of a chain, the current one first. */
export function actorsIn(act: Actors | undefined): Omit<Actors, 'act'>[] {
  if (!act) return [];
  const { act: earlier, ...actor } = act;
  return [actor, ...actorsIn(earlier)];
}

const isSameActor = (one: Omit<Actors, 'act'>, other: Omit<Actors, 'act'>): boolean =>
  one.sub === other.sub && one.iss === other.iss;

/** The chain once `actor` acts; the same one if it is already the current actor. */
export function withActor(act: Actors | undefined, actor: Omit<Actors, 'act'>): Actors {
  if (act && isSameActor(act, actor)) return act;
  return { ...actor, ...(act && { act }) };
}

/**
 * Whether a subject's `may_act` (RFC 8693 §4.4) names this actor: each of the identifying claims that it has must be the
 * actor's, and it must have one.
 */
export function mayActAs(
  mayAct: Record<string, unknown>,
  actor: { sub: string; iss: string; client_id?: string | undefined },
): boolean {
  const { sub, iss, client_id: clientId } = mayAct;
  if (sub === undefined && clientId === undefined) return false;
  return (
    (sub === undefined || sub === actor.sub) &&
    (clientId === undefined || clientId === actor.client_id) &&
    (iss === undefined || iss === actor.iss)
  );
}
