/** A whole number with separators: 12,345 */
export const count = (value: number): string => String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
