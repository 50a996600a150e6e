/**
 * Several tools that tests compare with, at the cost of one `apt-get update`: from the PATH, else from Debian's
 * packages where those may be installed. It must not decide what happens when one is missing.
 */
import { installDebianPackages, mayInstallDebianPackages } from './install-debian-packages.ts';
import { findOnPath } from './server-source.ts';

/** `packageOf`: the package of each binary. The paths of those that are here afterwards. */
export async function findDebianTools<Binary extends string>(
  packageOf: Readonly<Record<Binary, string>>,
): Promise<ReadonlyMap<Binary, string>> {
  const binaries = Object.keys(packageOf) as Binary[];
  const missing = () => binaries.filter((binary) => findOnPath(binary, process.env) === undefined);
  if (missing().length > 0 && mayInstallDebianPackages()) {
    const packages = missing().map((binary) => packageOf[binary]);
    await installDebianPackages(packages, () => missing().length === 0);
  }
  return new Map(
    binaries.flatMap((binary) => {
      const path = findOnPath(binary, process.env);
      return path === undefined ? [] : [[binary, path] as const];
    }),
  );
}
