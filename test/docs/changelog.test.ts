import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { dateRelease } from '../../scripts/date-changelog.ts';

const changelog = `# Changelog

## Unreleased

### Added

- A thing.

## 0.1.0 - 2026-11-29

- The first.
`;

test('a release takes what is unreleased under its version and date, and leaves an empty section', () => {
  expect(dateRelease(changelog, '0.2.0', '2027-01-02')).toBe(`# Changelog

## Unreleased

## 0.2.0 - 2027-01-02

### Added

- A thing.

## 0.1.0 - 2026-11-29

- The first.
`);
});

test('a release of nothing is refused, and so is a version that is there already', () => {
  const dated = dateRelease(changelog, '0.2.0', '2027-01-02');
  expect(() => dateRelease(dated, '0.3.0', '2027-01-03')).toThrow('nothing unreleased');
  expect(() => dateRelease(changelog, '0.1.0', '2027-01-03')).toThrow('0.1.0 already');
});

test('the newest dated entry of CHANGELOG.md is the version of package.json', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const dated = [
    ...readFileSync('CHANGELOG.md', 'utf8').matchAll(/^## (\S+) - \d{4}-\d\d-\d\d$/gm),
  ];
  expect(dated[0]?.[1]).toBe(version);
});
