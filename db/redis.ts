import { Cluster, Redis } from 'ioredis';

/** A connection to Redis, single or clustered. */
export type RedisConnection = Redis | Cluster;

/** Commands fail fast instead of waiting for an unreachable Redis, because nothing in it is essential. */
const common = {
  enableOfflineQueue: true,
  maxRetriesPerRequest: 1,
  commandTimeout: 2_000,
  connectTimeout: 2_000,
  retryStrategy: (attempt: number) => Math.min(50 * 2 ** attempt, 1_000),
};

/**
 * Connects to the Redis at a URL: `redis://` or `rediss://`, with several hosts a Cluster, and
 * `redis-sentinel://A:1,B:2/NAME` a Sentinel group. It connects in the background, so an unreachable Redis does not
 * prevent the server from starting.
 */
export function openRedis(
  url: string,
  onError: (error: Error) => void = () => {},
): RedisConnection {
  const redis = connect(url);
  redis.on('error', onError);
  if (redis instanceof Redis) shareWrites(redis);
  else redis.on('+node', shareWrites);
  return redis;
}

/**
 * Commands that are sent in the same turn of the event loop share a write to the socket, which costs more than all else
 * about a command.
 */
function shareWrites(redis: Redis): void {
  redis.on('connect', () => {
    const { stream } = redis;
    const write = stream.write.bind(stream) as (...given: unknown[]) => boolean;
    let isHeld = false;
    stream.write = (...given: unknown[]): boolean => {
      if (!isHeld) {
        isHeld = true;
        stream.cork();
        setImmediate(() => {
          isHeld = false;
          stream.uncork();
        });
      }
      return write(...given);
    };
  });
}

function connect(url: string): RedisConnection {
  const { protocol, username, password, hosts, path } = parseRedisUrl(url);
  const credentials = { ...(username && { username }), ...(password && { password }) };
  if (protocol === 'redis-sentinel:')
    return new Redis({ ...common, ...credentials, sentinels: hosts, name: path || 'mymaster' });
  const tls = protocol === 'rediss:' ? { tls: {} } : {};
  if (hosts.length > 1)
    return new Cluster(hosts, {
      redisOptions: { ...common, ...credentials, ...tls },
      clusterRetryStrategy: common.retryStrategy,
      // Certificates name hosts, so TLS must see the name and not the address that it resolves to.
      ...(protocol === 'rediss:' && {
        dnsLookup: (address: string, callback: (error: null, address: string) => void) =>
          callback(null, address),
      }),
    });
  return new Redis({
    ...common,
    ...credentials,
    ...tls,
    ...hosts[0],
    ...(path && { db: Number(path) }),
  });
}

/** The parts of a Redis URL, which unlike other URLs can name several hosts. */
export function parseRedisUrl(url: string) {
  const match =
    /^(rediss?:|redis-sentinel:)\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/]+)(?:\/(.*))?$/.exec(url);
  if (!match) throw new TypeError('not a Redis URL');
  const [, protocol = '', username, password, authority = '', path = ''] = match;
  const defaultPort = protocol === 'redis-sentinel:' ? 26379 : 6379;
  const hosts = authority.split(',').map((part) => {
    const [, host = '', port] = /^(\[.*\]|.*?)(?::(\d+))?$/.exec(part) ?? [];
    return { host: host.replace(/^\[(.*)\]$/, '$1'), port: port ? Number(port) : defaultPort };
  });
  const decode = (text: string | undefined) => (text ? decodeURIComponent(text) : undefined);
  return { protocol, username: decode(username), password: decode(password), hosts, path };
}
