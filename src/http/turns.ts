/**
 * Bounds the requests that begin in one turn of the event loop. Further ones begin in the next turns, in the order of
 * their arrival. Node accepts one connection per listening socket in each turn: without this bound, a turn under load
 * lasts as long as hundreds of requests, and every new connection, such as a health probe's, waits for many turns.
 *
 * Below the bound, a request begins at once.
 */
export function createTurns(maxPerTurn: number): (begin: () => void) => void {
  let waiting: (() => void)[] = [];
  let next = 0;
  let begun = 0;

  const turn = () => {
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
