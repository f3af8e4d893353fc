import { expect, test } from '@jest/globals';
import { parseRedisUrl } from '../../db/redis.ts';

const anonymous = { username: undefined, password: undefined };

test.each([
  [
    'redis://localhost',
    { protocol: 'redis:', hosts: [{ host: 'localhost', port: 6379 }], path: '', ...anonymous },
  ],
  [
    'rediss://cache.example:6380/2',
    {
      protocol: 'rediss:',
      hosts: [{ host: 'cache.example', port: 6380 }],
      path: '2',
      ...anonymous,
    },
  ],
  [
    'redis://:p%40ss%2Fword@localhost:1',
    {
      protocol: 'redis:',
      hosts: [{ host: 'localhost', port: 1 }],
      path: '',
      username: undefined,
      password: 'p@ss/word',
    },
  ],
  [
    'redis://ada:secret@a:1,b:2,c',
    {
      protocol: 'redis:',
      hosts: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
        { host: 'c', port: 6379 },
      ],
      path: '',
      username: 'ada',
      password: 'secret',
    },
  ],
  [
    'redis-sentinel://a,b:2/primary',
    {
      protocol: 'redis-sentinel:',
      hosts: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 2 },
      ],
      path: 'primary',
      ...anonymous,
    },
  ],
  [
    'redis://[::1]:6380',
    { protocol: 'redis:', hosts: [{ host: '::1', port: 6380 }], path: '', ...anonymous },
  ],
])('%s is a Redis URL', (url, parts) => {
  expect(parseRedisUrl(url)).toEqual(parts);
});

test.each(['', 'redis://', 'http://localhost', 'localhost:6379', 'rediss-sentinel://a'])(
  '%p is not a Redis URL',
  (url) => {
    expect(() => parseRedisUrl(url)).toThrow('not a Redis URL');
  },
);
