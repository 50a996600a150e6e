/**
 * Matches NATS subjects against patterns: `*` stands for one token, a final `>` for one or more.
 * The same rules hold for bucket keys. Pure; it must not know what the subjects mean.
 */

export function matchesSubject(pattern: string, subject: string): boolean {
  if (pattern === subject) return true;
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  for (const [i, token] of wanted.entries()) {
    if (token === '>' && i === wanted.length - 1) return tokens.length > i;
    if (i >= tokens.length || (token !== '*' && token !== tokens[i])) return false;
  }
  return wanted.length === tokens.length;
}
