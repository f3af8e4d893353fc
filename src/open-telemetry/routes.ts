/**
 * Names the route of a path: that of an operation of the API as its document has it (`/api/v1/clients/{client_id}`), else the
 * endpoint. Paths themselves can contain the IDs of people and codes of links.
 *
 * @param apiPaths The paths of the OpenAPI document.
 * @param endpointOf The name of any other path.
 */
export function createRouteNames(
  apiPaths: Iterable<string>,
  endpointOf: (path: string) => string,
): (path: string) => string {
  const templates = [...new Set(apiPaths)]
    .map((template) => ({ template, parts: template.split('/') }))
    // A fixed part is preferred to a parameter.
    .sort((a, b) => parametersOf(a.template) - parametersOf(b.template));
  const byLength = Map.groupBy(templates, ({ parts }) => parts.length);
  return (path) => {
    if (!path.startsWith('/api/')) return endpointOf(path);
    const parts = path.split('/');
    const found = byLength
      .get(parts.length)
      ?.find((each) =>
        each.parts.every((part, index) => part.startsWith('{') || part === parts[index]),
      );
    return found?.template ?? endpointOf(path);
  };
}

const parametersOf = (template: string): number => template.split('{').length;
