/** One server-sent event. */
export interface ReadEvent {
  event: string;
  id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts what is in it
  data: any;
}

/** Reads server-sent events of a response one by one; undefined once it has ended. */
export function eventReader(response: Response) {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  const next = async (): Promise<ReadEvent | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const fields = new Map(
          text
            .slice(0, end)
            .split('\n')
            .map((line): [string, string] => [
              line.slice(0, line.indexOf(':')),
              line.slice(line.indexOf(':') + 1).trim(),
            ]),
        );
        text = text.slice(end + 2);
        const data = fields.get('data');
        if (data === undefined) continue;
        return { event: fields.get('event') ?? '', id: fields.get('id'), data: JSON.parse(data) };
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += decoder.decode(value, { stream: true });
    }
  };
  return {
    next,
    /** The next event of this kind. */
    async of(event: string): Promise<ReadEvent> {
      for (;;) {
        const found = await next();
        if (!found) throw new Error(`the stream ended before ${event}`);
        if (found.event === event) return found;
      }
    },
    close: () => reader.cancel(),
  };
}
