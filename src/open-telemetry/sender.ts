import { readFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { OtlpTarget } from '../../config/open-telemetry.ts';
import { SettingsError } from '../../config/settings-error.ts';

/** Sends messages to a collector over OTLP/HTTP. */
export interface Sender {
  /** Sends a message, up to four times if the collector cannot be reached or is overloaded. Rejects if it was not accepted. */
  send(message: Uint8Array): Promise<void>;
  /** Aborts what is being sent. */
  close(): void;
}

/** A response after which the message may be sent again (OTLP/HTTP, "Failures"). */
const retryable = new Set([429, 502, 503, 504]);

/** Milliseconds of the pause before each further attempt. */
const pauses = [1_000, 2_000, 4_000];

const compress = promisify(gzip);

/** A message that the collector did not accept. */
class NotTaken extends Error {
  /** Whether sending it again is pointless. */
  readonly isFinal: boolean;
  constructor(message: string, isFinal: boolean) {
    super(message);
    this.isFinal = isFinal;
  }
}

/** Throws SettingsError if a file of the target cannot be read. */
export async function createSender({
  url,
  headers,
  timeout,
  isCompressed,
  files,
}: OtlpTarget): Promise<Sender> {
  const isSecure = new URL(url).protocol === 'https:';
  const agent = isSecure
    ? new https.Agent({ keepAlive: true, ...(await readFiles(files)) })
    : new http.Agent({ keepAlive: true });
  const closing = new AbortController();

  const post = (body: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      const request = (isSecure ? https : http).request(url, {
        method: 'POST',
        agent,
        signal: closing.signal,
        headers: {
          ...headers,
          'Content-Type': 'application/x-protobuf',
          'Content-Length': body.length,
          ...(isCompressed && { 'Content-Encoding': 'gzip' }),
        },
      });
      const late = setTimeout(() => {
        request.destroy(new Error(`The collector did not respond within ${timeout} ms.`));
      }, timeout);
      request.once('close', () => clearTimeout(late));
      request.once('error', (error) => reject(new NotTaken(error.message, false)));
      request.once('response', (response) => {
        const { statusCode = 0 } = response;
        response.resume().once('error', reject);
        response.once('end', () => {
          if (statusCode >= 200 && statusCode < 300) return resolve();
          reject(
            new NotTaken(`The collector responded ${statusCode}.`, !retryable.has(statusCode)),
          );
        });
      });
      request.end(body);
    });

  return {
    async send(message) {
      const body = isCompressed ? await compress(message) : message;
      for (let attempt = 0; ; attempt++) {
        try {
          return await post(body);
        } catch (error) {
          const pause = pauses[attempt];
          if ((error as NotTaken).isFinal || pause === undefined || closing.signal.aborted)
            throw error;
          // Random, so that processes that lost the same collector do not all try again at once.
          const milliseconds = pause * (0.5 + Math.random());
          await delay(milliseconds, undefined, { ref: false, signal: closing.signal });
        }
      }
    },
    close() {
      closing.abort(new Error('The server has stopped.'));
      agent.destroy();
    },
  };
}

async function readFiles(files: OtlpTarget['files']): Promise<https.AgentOptions> {
  const read = await Promise.all(
    Object.entries(files).map(async ([name, { variable, path }]) => {
      const content = await readFile(path).catch((error: Error) => {
        throw new SettingsError([`${variable}: ${error.message}`]);
      });
      return [name, content] as const;
    }),
  );
  return Object.fromEntries(read);
}
