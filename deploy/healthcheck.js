// Health check of a container: exit 0 if GET /readyz on SIGNPOST_ADMIN_LISTEN (host:port or unix:PATH) is 200,
// else 1 with the reason. With a port as argument: if something accepts connections there.
import { get } from 'node:http';
import { connect } from 'node:net';

const listen = process.env.SIGNPOST_ADMIN_LISTEN ?? '';
const path = '/readyz';
const port = process.argv[2];

if (port === undefined) askReadiness();
else
  connect({ port: Number(port), host: '127.0.0.1', timeout: 2_000 }, () => end(true, 'accepts')).on(
    'error',
    fail,
  );

function askReadiness() {
  get(adminAddress(), (response) => {
    let body = '';
    response.on('data', (octets) => (body += octets));
    response.on('end', () => end(response.statusCode < 400, `${response.statusCode} ${body.trim()}`));
  })
    .on('error', fail)
    .setTimeout(2_000, () => end(false, 'no answer within 2 s'));
}

/** What listens on all addresses is asked on loopback. */
function adminAddress() {
  if (listen.startsWith('unix:')) return { socketPath: listen.slice('unix:'.length), path };
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replace(/^\[|\]$/g, '');
  return {
    host: host === '0.0.0.0' || host === '::' ? 'localhost' : host,
    port: listen.slice(colon + 1),
    path,
  };
}

function fail(error) {
  end(false, error.message);
}

function end(ok, text) {
  console.log(text.slice(0, 500));
  process.exit(ok ? 0 : 1);
}
