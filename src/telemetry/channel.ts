/**
 * What happened, for those who measure it: metrics subscribe, and nothing else depends on them. Unobserved, a channel
 * costs one comparison.
 */
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';

/** A channel of this process for one kind of event. */
export interface Channel<Event> {
  /** Whether anyone subscribes; check it first where an event would be made thousands of times a second. */
  readonly isObserved: boolean;
  publish(event: Event): void;
  /** Returns a function that ends the subscription. */
  subscribe(observe: (event: Event) => void): () => void;
}

export function createChannel<Event>(name: string): Channel<Event> {
  const events = channel(`writ:${name}`);
  return {
    get isObserved() {
      return events.hasSubscribers;
    },
    publish(event) {
      if (events.hasSubscribers) events.publish(event);
    },
    subscribe(observe) {
      const onMessage = (event: unknown) => observe(event as Event);
      subscribe(`writ:${name}`, onMessage);
      return () => void unsubscribe(`writ:${name}`, onMessage);
    },
  };
}
