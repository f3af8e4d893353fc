/**
 * THE NAMES IN A CERTIFICATE (RFC 5280 §4.1.2.6, §4.2.1.6), read from its DER: Node gives them as text only, whose parts cannot be
 * told apart for certain.
 */
import type { X509Certificate } from 'node:crypto';

/** A distinguished name: relative names from the first of the certificate to the last, each of sorted `oid=value`. */
export type DistinguishedName = readonly (readonly string[])[];

/** The names of a certificate, as it states them. IP addresses are bytes. */
export interface CertificateNames {
  subject: DistinguishedName;
  dns: readonly string[];
  uri: readonly string[];
  email: readonly string[];
  ip: readonly Buffer[];
}

interface Element {
  tag: number;
  value: Buffer;
  /** With its header. */
  whole: Buffer;
}

/** The elements of DER (X.690 §8.1) in order. Throws for anything else. */
function elementsOf(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag = 0, first = 0] = bytes.subarray(at, at + 2);
    const size = first < 0x80 ? 0 : first & 0x7f;
    if (size > 4 || (tag & 0x1f) === 0x1f) throw new Error('not DER');
    const begin = at + 2 + size;
    const length = size === 0 ? first : bytes.subarray(at + 2, begin).readUIntBE(0, size);
    const end = begin + length;
    if (end > bytes.length) throw new Error('not DER');
    found.push({ tag, value: bytes.subarray(begin, end), whole: bytes.subarray(at, end) });
    at = end;
  }
  return found;
}

const tags = { sequence: 0x30, version: 0xa0, extensions: 0xa3, octets: 0x04 };

const subjectAltName = Buffer.from('551d11', 'hex');

/** Reads the names of a certificate. */
export function namesOf({ raw }: Pick<X509Certificate, 'raw'>): CertificateNames {
  const [certificate] = elementsOf(raw);
  const [toBeSigned] = elementsOf(certificate?.value ?? Buffer.alloc(0));
  const fields = elementsOf(toBeSigned?.value ?? Buffer.alloc(0)).filter(
    ({ tag }) => tag !== tags.version,
  );
  // serialNumber, signature, issuer, validity, subject
  const subject = fields[4];
  if (!subject) throw new Error('not a certificate');
  const extensions = fields.find(({ tag }) => tag === tags.extensions);
  const others = extensions ? alternativeNames(extensions.value) : [];
  const texts = (tag: number) =>
    others.filter((name) => name.tag === tag).map(({ value }) => value.toString('latin1'));
  return {
    subject: elementsOf(subject.value).map(({ value }) =>
      elementsOf(value)
        .map((attribute) => {
          const [type, held] = elementsOf(attribute.value);
          if (!type || !held) throw new Error('not a name');
          return `${objectIdentifier(type.value)}=${textOf(held)}`;
        })
        .sort(),
    ),
    email: texts(0x81),
    dns: texts(0x82),
    uri: texts(0x86),
    ip: others.filter(({ tag }) => tag === 0x87).map(({ value }) => value),
  };
}

function alternativeNames(extensions: Buffer): Element[] {
  const [list] = elementsOf(extensions);
  for (const extension of elementsOf(list?.value ?? Buffer.alloc(0))) {
    const [type, ...rest] = elementsOf(extension.value);
    const held = rest.find(({ tag }) => tag === tags.octets);
    if (!type?.value.equals(subjectAltName) || !held) continue;
    const [names] = elementsOf(held.value);
    return elementsOf(names?.value ?? Buffer.alloc(0));
  }
  return [];
}

/** An object identifier with its dots (X.690 §8.19). */
function objectIdentifier(bytes: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of bytes) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [head = 0, ...rest] = arcs;
  const top = Math.min(2, Math.floor(head / 40));
  return [top, head - 40 * top, ...rest].join('.');
}

/** A value as text, or as `#` and its DER in hexadecimal if it is no text (RFC 4514 §2.4). */
function textOf({ tag, value, whole }: Element): string {
  if (tag === 0x0c) return value.toString('utf8');
  if ([0x12, 0x13, 0x14, 0x16, 0x1a].includes(tag)) return value.toString('latin1');
  if (tag === 0x1e && value.length % 2 === 0)
    return Buffer.from(value).swap16().toString('utf16le');
  return `#${whole.toString('hex')}`;
}

/** The attribute types that a name can have by a keyword (RFC 4514 §3, and those that tools print). */
const types: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  SN: '2.5.4.4',
  SERIALNUMBER: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  STREET: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  TITLE: '2.5.4.12',
  DESCRIPTION: '2.5.4.13',
  BUSINESSCATEGORY: '2.5.4.15',
  POSTALCODE: '2.5.4.17',
  GIVENNAME: '2.5.4.42',
  GN: '2.5.4.42',
  ORGANIZATIONIDENTIFIER: '2.5.4.97',
  UID: '0.9.2342.19200300.100.1.1',
  DC: '0.9.2342.19200300.100.1.25',
  EMAILADDRESS: '1.2.840.113549.1.9.1',
  E: '1.2.840.113549.1.9.1',
};

/**
 * Parses the string of a distinguished name (RFC 4514 §3), which has the last relative name of the certificate first. Undefined
 * if it is none, or is empty.
 */
export function parseDistinguishedName(text: string): DistinguishedName | undefined {
  const names: string[][] = [];
  for (const relative of splitUnescaped(text, ',')) {
    const attributes = splitUnescaped(relative, '+').map(parseAttribute);
    if (!attributes.every((attribute) => attribute !== undefined)) return undefined;
    names.unshift(attributes.sort());
  }
  return names;
}

/** Splits a text where the character is not escaped with a backslash. */
function splitUnescaped(text: string, separator: string): string[] {
  const parts = [''];
  for (const [part] of text.matchAll(/\\.|[^\\]|\\$/gs))
    if (part === separator) parts.push('');
    else parts.push((parts.pop() ?? '') + part);
  return parts;
}

function parseAttribute(text: string): string | undefined {
  const [, keyword = '', given = ''] = /^\s*([A-Za-z0-9.-]+)\s*=(.*)$/s.exec(text) ?? [];
  const type = /^\d+(\.\d+)+$/.test(keyword) ? keyword : types[keyword.toUpperCase()];
  // A space at an end counts only if it is escaped (RFC 4514 §2.4).
  const trimmed = given.replace(/^ +/, '').replace(/((?:^|[^\\])(?:\\\\)*) +$/, '$1');
  const value = trimmed.startsWith('#') ? fromHex(trimmed.slice(1)) : unescaped(trimmed);
  return type === undefined || !value ? undefined : `${type}=${value}`;
}

function fromHex(hex: string): string | undefined {
  if (!/^([0-9a-f]{2})+$/i.test(hex)) return undefined;
  try {
    const [element, ...more] = elementsOf(Buffer.from(hex, 'hex'));
    return element && more.length === 0 ? textOf(element) : undefined;
  } catch {
    return undefined;
  }
}

/** The text with its escapes resolved: a backslash before a special character, or before two hexadecimal digits. */
function unescaped(text: string): string | undefined {
  if (/[";<>\0]/.test(text.replace(/\\./gs, ''))) return undefined;
  const parts: Buffer[] = [];
  for (const [part, hex, special] of text.matchAll(
    /\\([0-9a-f]{2})|\\([ "#+,;<=>\\])|[^\\]+|\\/gi,
  )) {
    if (part === '\\') return undefined;
    parts.push(hex ? Buffer.from(hex, 'hex') : Buffer.from(special ?? part, 'utf8'));
  }
  return Buffer.concat(parts).toString('utf8');
}
