/** Taking the address; what can be wrong with it ends the start with one sentence. */
import { appError } from '@cahier/core/errors.ts';
import type { FastifyInstance } from 'fastify';

/** Resolves to the port. Throws `start/port-in-use`, `start/address`. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port });
    const address = app.server.address();
    return typeof address === 'object' && address ? address.port : port;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EADDRINUSE') throw appError('start/port-in-use', { details: { port }, cause: error });
    const why = error instanceof Error ? error.message : String(error);
    throw appError('start/address', { details: { host, port, why }, cause: error });
  }
}

/** A name by which the owner's browser on this machine reaches it. */
export function shownHost(host: string): string {
  if (['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost'].includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
