import { expect, test } from '@jest/globals';
import { networkOf, plainAddress } from '../../../src/domain/limits/ip-address.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  // The deprecated IPv4-compatible form (RFC 4291 §2.5.5.1), which is not routed.
  ['::192.0.2.1', '192.0.2.1'],
  ['64:ff9b::192.0.2.1', '64:ff9b::192.0.2.1'],
  ['::ffff:192.0.2.256', '::ffff:192.0.2.256'],
  ['::ffff:nonsense', '::ffff:nonsense'],
  ['fe80::1%eth0.100', 'fe80::1%eth0.100'],
  ['fe80::1%br-lan', 'fe80::1%br-lan'],
  ['::ffff:192.0.2.1%br-lan', '192.0.2.1'],
  ['', ''],
])('the address %s is recorded as %s', (ip, plain) => {
  expect(plainAddress(ip)).toBe(plain);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0DB8:0000:0000::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['fe80::1%eth0.100', 'fe80:0:0:0::/64'],
  ['fe80::1%br-lan', 'fe80:0:0:0::/64'],
  ['1%a.b', '1%a.b'],
  ['::ffff:192.0.2.1%eth0', '192.0.2.1'],
  ['::1', '0:0:0:0::/64'],
  ['1::', '1:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  // Node only accepts dotted decimals as IPv4, so these are not addresses.
  ['0x7f.1', '0x7f.1'],
  ['010.0.0.1', '010.0.0.1'],
  ['nonsense', 'nonsense'],
  [undefined, ''],
])('attempts from %s are counted under %s', (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});

test('addresses of one /64 count together, those of two networks separately', () => {
  expect(networkOf('2001:db8:1:2::1')).toBe(networkOf('2001:db8:1:2:ffff:ffff:ffff:ffff'));
  expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'));
});
