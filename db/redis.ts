import { Cluster, Redis } from 'ioredis';

export type RedisConnection = Redis | Cluster;

/** A command fails fast rather than wait for a Redis that is away: nothing in it is worth waiting for. */
const common = {
  enableOfflineQueue: true,
  maxRetriesPerRequest: 1,
  commandTimeout: 2_000,
  connectTimeout: 2_000,
  retryStrategy: (attempt: number) => Math.min(50 * 2 ** attempt, 1_000),
};

/**
 * Connects to the Redis that a URL names: `redis://` and `rediss://`, with several hosts a Cluster,
 * `redis-sentinel://A:1,B:2/NAME` a Sentinel group. Connects in the background: a Redis that is away
 * does not keep the server from starting.
 */
export function openRedis(
  url: string,
  onError: (error: Error) => void = () => {},
): RedisConnection {
  const redis = connect(url);
  redis.on('error', onError);
  return redis;
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
      // A certificate names a host: let TLS see the name and not the address it resolves to.
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

/** The parts of a Redis URL, which, unlike other URLs, may name several hosts. */
export function parseRedisUrl(url: string) {
  const match =
    /^(rediss?:|redis-sentinel:)\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/]+)(?:\/(.*))?$/.exec(url);
  if (!match) throw new TypeError('not a Redis URL');
  const [, protocol = '', username, password, authority = '', path = ''] = match;
  const standardPort = protocol === 'redis-sentinel:' ? 26379 : 6379;
  const hosts = authority.split(',').map((part) => {
    const [, host = '', port] = /^(\[.*\]|.*?)(?::(\d+))?$/.exec(part) ?? [];
    return { host: host.replace(/^\[(.*)\]$/, '$1'), port: port ? Number(port) : standardPort };
  });
  const decode = (text: string | undefined) => (text ? decodeURIComponent(text) : undefined);
  return { protocol, username: decode(username), password: decode(password), hosts, path };
}
