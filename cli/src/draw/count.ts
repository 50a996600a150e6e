/** `1 policy`, `0 policies`, `2 policies`. */
export function count(number: number, singular: string, plural: string): string {
  return `${number} ${number === 1 ? singular : plural}`;
}
