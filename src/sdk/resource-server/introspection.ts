/** INTROSPECTION (RFC 7662): the tokens of one tick with one request to Writ, and responses that are kept as long as the API allows. */
import { UnexpectedStatus, type Writ } from './writ.ts';

/** An introspection response. */
export type TokenState = Record<string, unknown>;

const single = '/connect/introspect';
const several = '/connect/guard/introspect';

/** Bounds of one request: as the endpoint has them. */
const maxTokens = 100;
const maxBytes = 50_000;

/** Responses that are kept at most. */
const maxCached = 10_000;

interface Waiting {
  token: string;
  resolve: (state: TokenState) => void;
  reject: (error: unknown) => void;
}

export interface Introspection {
  introspect(token: string): Promise<TokenState>;
  /** Forgets all responses that were kept. */
  forget(): void;
}

export function createIntrospection(
  writ: Writ,
  { cacheSeconds }: { cacheSeconds: number },
): Introspection {
  let queue: Waiting[] = [];
  let knowsSeveral = true;
  const cache = new Map<string, { state: TokenState; until: number }>();
  /** A response that was asked for before `forget` is not kept. */
  let generation = 0;

  const askOne = (token: string): Promise<TokenState> =>
    writ.ask(single, new URLSearchParams({ token }));

  const askAll = async (tokens: string[]): Promise<TokenState[]> => {
    if (tokens.length > 1 && knowsSeveral)
      try {
        const answer = await writ.ask(several, JSON.stringify({ tokens }));
        return answer['tokens'] as TokenState[];
      } catch (error) {
        if (!(error instanceof UnexpectedStatus && error.status === 404)) throw error;
        knowsSeveral = false; // An older Writ.
      }
    return Promise.all(tokens.map(askOne));
  };

  const send = async (waiting: Waiting[]): Promise<void> => {
    const byToken = Map.groupBy(waiting, ({ token }) => token);
    try {
      const states = await askAll([...byToken.keys()]);
      for (const [index, group] of [...byToken.values()].entries())
        for (const { resolve } of group) resolve(states[index] ?? { active: false });
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  };

  const flush = () => {
    const all = queue;
    queue = [];
    let part: Waiting[] = [];
    let bytes = 0;
    for (const each of all) {
      if (part.length === maxTokens || bytes + each.token.length > maxBytes) {
        void send(part);
        part = [];
        bytes = 0;
      }
      part.push(each);
      bytes += each.token.length + 3;
    }
    if (part.length > 0) void send(part);
  };

  const ask = (token: string): Promise<TokenState> =>
    new Promise((resolve, reject) => {
      if (queue.length === 0) setImmediate(flush);
      queue.push({ token, resolve, reject });
    });

  return {
    async introspect(token) {
      const kept = cache.get(token);
      if (kept && kept.until > Date.now()) return kept.state;
      const asked = generation;
      const state = await ask(token);
      if (cacheSeconds > 0 && asked === generation && state['active'] === true) {
        const exp = Number(state['exp'] ?? Number.POSITIVE_INFINITY) * 1000;
        if (cache.size >= maxCached) cache.clear();
        cache.set(token, { state, until: Math.min(Date.now() + cacheSeconds * 1000, exp) });
      }
      return state;
    },
    forget() {
      generation++;
      cache.clear();
    },
  };
}
