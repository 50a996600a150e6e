/** Why a file that an operator named cannot be read, in words rather than as the system call that failed. Pure. */

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; is the path right, as seen from here?',
  ENOTDIR: 'there is no such file; is the path right, as seen from here?',
  EISDIR: 'it is a directory; name a file',
  EACCES: 'it may not be read by this user; look at its permissions',
};

/** `PATH: there is no such file; ...`. */
export function fileProblem(path: string, error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return `${path}: ${REASONS[code] ?? message}`;
}
