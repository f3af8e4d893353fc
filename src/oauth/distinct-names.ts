const token = /"(?:[^"\\]+|\\.)*"|[{}[\],]/gs;

/**
 * Whether no object in a JSON text has a name twice (RFC 7493 §2.3). Expects valid JSON. `JSON.parse` silently takes the last of two
 * members, and other parsers the first.
 */
export function hasDistinctNames(text: string): boolean {
  /** The names so far of each open object; undefined for an open array. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (const [found] of text.matchAll(token)) {
    const names = open.at(-1);
    if (found === '{' || found === '[') open.push(found === '{' ? new Set() : undefined);
    else if (found === '}' || found === ']') open.pop();
    else if (found !== ',' && isName && names) {
      const name: string = JSON.parse(found);
      if (names.has(name)) return false;
      names.add(name);
    }
    isName = found === '{' || (found === ',' && open.at(-1) !== undefined);
  }
  return true;
}
