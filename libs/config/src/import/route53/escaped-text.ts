/** Route 53 writes octets that are no letters as `\` and three octal digits, `\052` for `*`; zone files as decimal ones. */
export function fromOctalEscapes(text: string): string {
  return text.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => {
    return `\\${String(Number.parseInt(digits, 8)).padStart(3, '0')}`;
  });
}
