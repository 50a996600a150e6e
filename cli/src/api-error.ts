/** What went wrong between a command and the controller, in one line for a person. */
export class ApiError extends Error {
  readonly code = 'SIGNPOST_API_CALL';
  override readonly name = 'ApiError';
}
