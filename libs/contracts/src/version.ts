/** The version of everything in this repository, as services and command tell it. A test holds it to package.json. */
export const VERSION = '0.1.0';
