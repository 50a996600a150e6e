/** The version of this command and of what it starts. */
export const VERSION = '0.1.0';
