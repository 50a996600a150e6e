// Loads what the services load, once, while the image is built, so that Node keeps the compiled code
// (NODE_COMPILE_CACHE). Importing starts nothing.
import { flushCompileCache } from 'node:module';

await import('../cli/src/command-line.ts');
for (const service of ['authority', 'controller', 'prober'])
  await import(`../services/${service}/src/main.ts`);
flushCompileCache();
