import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../../src/http/json.ts';

describe('JSON that would lose something is refused', () => {
  test.each([
    ['9007199254740993', 'an integer between two doubles'],
    ['1e400', 'a number beyond the largest double'],
    ['1e-400', 'a number below the smallest double'],
    ['0.12345678901234567890', 'a fraction with more digits than a double has'],
    ['-123456789012345678901', 'a large negative integer'],
    ['{"a":[{"b":9007199254740993}]}', 'such a number anywhere'],
    [String.raw`"a\u0000b"`, 'a NUL'],
    [String.raw`"\ud800"`, 'half a surrogate pair'],
    [String.raw`{"a\u0000":1}`, 'a NUL in a name'],
    ['{"a":1,"a":1}', 'a name twice'],
    [String.raw`{"a":1,"\u0061":2}`, 'a name twice, once escaped'],
    ['[{"x":{"a":1,"b":{},"a":2}}]', 'a name twice, within'],
    ['{"__proto__":1,"__proto__":2}', 'a name twice that every object has'],
    ['{', 'what is no JSON'],
    ['\ufeff{}', 'a byte order mark'],
  ])('%s: %s', (text) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});

test.each([
  '[9007199254740992,-9007199254740991,0.1,1.50,1E+2,100e-1,0,-0.0,5e-324,1.7976931348623157e308]',
  '{"a":{"a":1},"b":[{"a":2},{"a":3}],"c":"a"}',
  String.raw`{"\"a\"":"}","{":"\\\"","[":","}`,
  '"text"',
  'null',
])('JSON that is represented exactly is accepted: %s', (text) => {
  expect(parseJson(text)).toEqual(JSON.parse(text));
});
