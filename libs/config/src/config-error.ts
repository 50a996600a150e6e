/** An operator's mistake: all problems at once, each a line that names variable, value and remedy. Exit code 2. */
export class ConfigError extends Error {
  readonly code = 'SIGNPOST_CONFIG';
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
