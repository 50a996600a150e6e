/**
 * For `node --test --test-global-setup=libs/testkit/src/global-setup.ts`:
 * gets the test servers once, before test files run in parallel.
 */
import { serverSource } from './server-source.ts';

export async function globalSetup(): Promise<void> {
  await serverSource('nats-server');
  await serverSource('redis-server');
}
