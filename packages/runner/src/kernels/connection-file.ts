/**
 * The connection file: how a kernel learns its ports and key (mode 0600, in the runner's private folder).
 * Ports are found by binding to 0 and letting go, so another program can snatch one: the kernel then fails to start
 * and is tried again with others. Source: messaging specification, "Connection files".
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

export const loopback = '127.0.0.1';

export interface Connection {
  readonly file: string;
  readonly key: string;
  readonly ports: Ports;
}

export interface Ports {
  readonly shell: number;
  readonly iopub: number;
  readonly stdin: number;
  readonly control: number;
  readonly hb: number;
}

export async function makeConnection(folder: string, kernelName: string): Promise<Connection> {
  const [shell = 0, iopub = 0, stdin = 0, control = 0, hb = 0] = await freePorts(5);
  const connection: Connection = {
    file: join(folder, `kernel-${randomUUID()}.json`),
    key: randomBytes(32).toString('hex'),
    ports: { shell, iopub, stdin, control, hb },
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = JSON.stringify(
    {
      transport: 'tcp',
      ip: loopback,
      shell_port: shell,
      iopub_port: iopub,
      stdin_port: stdin,
      control_port: control,
      hb_port: hb,
      key: connection.key,
      signature_scheme: 'hmac-sha256',
      kernel_name: kernelName,
    },
    null,
    2,
  );
  await writeFile(connection.file, text, { mode: 0o600, flag: 'wx' });
  return connection;
}

/** Distinct because all are held at the same time. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, loopback, resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => portOf(server.address()));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port was bound');
  return address.port;
}
