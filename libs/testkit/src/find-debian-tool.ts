/**
 * A tool that tests compare with: from the PATH, else from Debian's package where that may be installed. Undefined
 * when neither works, so that a test can skip and say which package it wants.
 */
import { installDebianPackages, mayInstallDebianPackages } from './install-debian-packages.ts';
import { findOnPath } from './server-source.ts';

export async function findDebianTool(binary: string, debianPackage: string): Promise<string | undefined> {
  const find = () => findOnPath(binary, process.env);
  if (find() === undefined && mayInstallDebianPackages()) {
    await installDebianPackages([debianPackage], () => find() !== undefined);
  }
  return find();
}
