/** SIGHUP, which asks a service to read its files again. Until it is disposed, the signal no longer ends the process. */
export function onHangup(reload: () => void): Disposable {
  process.on('SIGHUP', reload);
  return { [Symbol.dispose]: () => void process.off('SIGHUP', reload) };
}
