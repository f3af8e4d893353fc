/** Connections that are accepted before further requests begin. */
const maxConnections = 16;

/**
 * Bounds the requests that begin in one turn of the event loop. Further ones begin in the next turns, in the order of
 * their arrival. Node accepts one connection per listening socket in each turn: without this bound, a turn under load
 * lasts as long as hundreds of requests, and every new connection, such as a health probe's, waits for many turns.
 *
 * Below the bound, a request begins at once.
 *
 * @param wasAccepted Whether a connection was accepted since the last call. While connections keep arriving, up to 16 turns
 *   that accept one together begin as many requests as one turn does otherwise: so a single listening socket takes as many
 *   connections as 16.
 */
export function createTurns(
  maxPerTurn: number,
  wasAccepted: () => boolean = () => false,
): (begin: () => void) => void {
  let waiting: (() => void)[] = [];
  let next = 0;
  let begun = 0;
  let connections = 0;

  const turn = () => {
    if (wasAccepted() && ++connections < maxConnections) {
      setImmediate(turn);
      return;
    }
    connections = 0;
    begun = 0;
    while (begun < maxPerTurn && next < waiting.length) {
      begun++;
      waiting[next++]?.();
    }
    if (next === waiting.length) {
      waiting = [];
      next = 0;
    }
    if (begun > 0) setImmediate(turn);
  };

  return (begin) => {
    if (begun === 0) setImmediate(turn);
    if (begun < maxPerTurn && next === waiting.length) {
      begun++;
      begin();
    } else waiting.push(begin);
  };
}
