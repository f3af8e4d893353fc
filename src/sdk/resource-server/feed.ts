/**
 * FOLLOWING THE FEED of revocations (`/api/v1/revocations`): first the changes that still matter, page by page, then the stream. After
 * every interruption it continues after the last number, or reads everything again if Writ no longer has what follows.
 */
import { eventsOf } from './event-text.ts';
import {
  createRevocationState,
  type RevocationItem,
  type RevocationState,
} from './revocation-state.ts';
import type { FeedState } from './types.ts';
import { UnexpectedStatus, type Writ } from './writ.ts';

/** The feed of revocations is lost; it is followed again as soon as Writ answers. */
export class FeedLost extends Error {
  constructor(options?: ErrorOptions) {
    super('The feed of revocations is lost.', options);
    this.name = 'FeedLost';
  }
}

/**
 * The client of the guard is not the resource server of the API (`resource_server_for`), so Writ does not tell it about revocations
 * of the API's tokens.
 */
export class ResourceNotServed extends Error {
  constructor(resource: string) {
    super(`The client is not the resource server of ${resource} (resource_server_for).`);
    this.name = 'ResourceNotServed';
  }
}

export interface Feed {
  state(): FeedState;
  isCurrent(): boolean;
  /** Resolves when everything is known for the first time. */
  ready(): Promise<void>;
  revocations: Pick<RevocationState, 'revokes' | 'version'>;
  /** Seconds since 1970: a JWT that was issued before may have been revoked without trace here. */
  reachesBackTo(): number;
  close(): void;
}

const path = '/api/v1/revocations';

/** Milliseconds between two attempts: longer after each that failed, and different for each guard. */
const pauseAfter = (failures: number): number =>
  Math.min(5_000, 200 * 2 ** failures) * (0.5 + Math.random() / 2);

/** What Writ says about the feed, in a page and in a sign of life. */
interface Told {
  last: number;
  /** The APIs whose revocations it tells. */
  resources?: string[];
}

interface Page extends Told {
  items: RevocationItem[];
  more: boolean;
  retention: number;
}

interface FeedOptions {
  /** The identifier of the API. */
  resource: string;
  /** Seconds. */
  maxLag: number;
  longestLifetime: number | undefined;
  onChange: () => void;
  onError: (error: unknown) => void;
}

/** Starts to follow. Nothing here keeps the process alive. */
export function followRevocations(
  writ: Writ,
  { resource, maxLag, longestLifetime, onChange, onError }: FeedOptions,
): Feed {
  const revocations = createRevocationState();
  const closing = new AbortController();
  let position: number | undefined;
  let isComplete = false;
  /** When Writ was last heard, by `performance.now()`. */
  let heardAt = 0;
  let window = longestLifetime ?? Number.POSITIVE_INFINITY;
  let wasLost = false;
  let markReady = () => {};
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });

  const isCurrent = () => isComplete && performance.now() - heardAt <= maxLag * 1000;

  const learn = (items: readonly RevocationItem[]) => {
    for (const item of items) revocations.apply(item);
    if (items.length > 0) onChange();
  };

  const hear = (last: number) => {
    position = Math.max(position ?? 0, last);
    heardAt = performance.now();
  };

  /** Throws ResourceNotServed. */
  const hearAbout = ({ last, resources }: Told) => {
    if (!resources?.includes(resource)) throw new ResourceNotServed(resource);
    hear(last);
  };

  /** All changes up to now, page by page. */
  const catchUp = async (): Promise<void> => {
    for (;;) {
      const query =
        position !== undefined
          ? `?after=${position}`
          : longestLifetime !== undefined
            ? `?max_age=${Math.ceil(longestLifetime)}`
            : '';
      const page = (await writ.get(path + query)) as unknown as Page;
      learn(page.items);
      window = longestLifetime ?? page.retention;
      hearAbout(page);
      if (!page.more) break;
    }
    isComplete = true;
    wasLost = false;
    markReady();
  };

  /** The next page is the first again. */
  const startOver = () => {
    position = undefined;
    isComplete = false;
  };

  const forget = () => {
    startOver();
    revocations.clear();
    onChange();
  };

  const stream = async (): Promise<void> => {
    const silent = new AbortController();
    const response = await fetch(writ.urlOf(path), {
      headers: {
        authorization: writ.authorization,
        accept: 'text/event-stream',
        'last-event-id': String(position),
      },
      signal: AbortSignal.any([closing.signal, silent.signal]),
    });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new UnexpectedStatus(path, response.status);
    }
    let alarm = setTimeout(() => silent.abort(), 15_000).unref();
    try {
      for await (const { event, data } of eventsOf(response.body)) {
        clearTimeout(alarm);
        alarm = setTimeout(() => silent.abort(), 15_000).unref();
        if (event === 'gap') return forget();
        if (event === 'change') {
          const item = JSON.parse(data) as RevocationItem;
          learn([item]);
          hear(item.number);
        } else if (event === 'alive') hearAbout(JSON.parse(data) as Told);
      }
    } finally {
      clearTimeout(alarm);
    }
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!closing.signal.aborted) {
      try {
        await catchUp();
        failures = 0;
        await stream();
      } catch (error) {
        if (closing.signal.aborted) return;
        // Meanwhile Writ passes over changes of the API.
        if (error instanceof ResourceNotServed) startOver();
        if (error instanceof UnexpectedStatus && error.status === 410) forget();
        else if (failures++ > 0 || !isComplete) onError(error);
      }
      await new Promise<void>((resolve) => setTimeout(resolve, pauseAfter(failures)).unref());
    }
  };

  const watch = setInterval(() => {
    if (Number.isFinite(window)) revocations.prune(Date.now() - (window + 300) * 1000);
    if (isCurrent() || wasLost || position === undefined) return;
    wasLost = true;
    onError(new FeedLost());
  }, 1_000).unref();

  void run();

  return {
    isCurrent,
    state: () => ({ current: isCurrent(), position }),
    ready: () => ready,
    revocations,
    reachesBackTo: () => Date.now() / 1000 - window,
    close() {
      clearInterval(watch);
      closing.abort();
    },
  };
}
