/**
 * What the engine says of client metadata that it refuses, in words for the person who sent them. A sentence that is
 * not in this table is passed on as it is: it names the field, too.
 */
const sentences: [RegExp, (field: string, values: string) => string][] = [
  [
    /^(redirect_uris) must contain members$/,
    () => 'redirect_uris: at least one is needed for the grant authorization_code.',
  ],
  [/^(\w+) must contain members$/, (field) => `${field}: at least one value is needed.`],
  [
    /^(\w+) (?:can only contain|must be) ('.+)$/,
    (field, values) => `${field}: allowed are ${values.replaceAll("'", '')}.`,
  ],
  [
    /^(\w+) (?:must be empty|must not be provided) \(no values are allowed\)$/,
    (field) => `${field}: not supported.`,
  ],
  [/^(\w+) is mandatory property(?: when (\w+) is provided)?$/, needed],
  [
    /^jwks or jwks_uri is mandatory for this client$/,
    () => 'jwks: required for a client that authenticates with its keys or its own certificate.',
  ],
  [/^(\w+) must only contain valid uris$/, (field) => `${field}: each must be a valid URI.`],
  [/^(\w+) must not contain fragments$/, (field) => `${field}: none can have a fragment (#).`],
  [/^(\w+) must be an? (\w+) uri$/, (field, kind) => `${field}: must be a URI (${kind}).`],
  [/^invalid (\w+) value$/, (field) => `${field}: the value is invalid.`],
];

function needed(field: string, other: string): string {
  return other ? `${field}: required along with ${other}.` : `${field}: required.`;
}

/** The sentence of a refusal of the engine. */
export function describeMetadataProblem(said: string): string {
  for (const [pattern, describe] of sentences) {
    const found = pattern.exec(said);
    if (found) return describe(found[1] ?? '', found[2] ?? '');
  }
  return said;
}
