/**
 * The ZeroMQ sockets to one life of a kernel. Owned by that life and closed with it: a socket kept over a restart would
 * hand old requests to the new process. Verifies signatures; faulty messages are logged and dropped.
 */
import { createHmac, randomUUID } from 'node:crypto';
import type { JsonObject } from '@cahier/base/json.ts';
import { type JupyterMessage, type MessageHeader, messagingVersion } from '@cahier/core/jupyter/message.ts';
import { type Sign, signParts, wireReader, writeWire } from '@cahier/core/jupyter/wire-frame.ts';
import type * as ZeroMq from 'zeromq';
import type { Dealer, Subscriber } from 'zeromq';
import type { Log } from '../log.ts';
import { type Connection, loopback } from './connection-file.ts';

export interface ChannelListener {
  onShell(message: JupyterMessage): void;
  onControl(message: JupyterMessage): void;
  onStdin(message: JupyterMessage): void;
  /** `hasTopic` is false for kernels that publish bare messages. */
  onIopub(message: JupyterMessage, hasTopic: boolean): void;
  /** Everything that was read, as it came: header, parent, metadata, content, buffers. */
  onParts?(channel: Channel | 'iopub', parts: readonly Uint8Array[]): void;
  /** The kernel's end of the shell connection was closed: its process is gone or is going. */
  onDisconnect(): void;
}

export type Channel = 'shell' | 'control' | 'stdin';

export function hmacSha256(key: string): Sign {
  if (key === '') return () => '';
  return (parts) => {
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  };
}

export class KernelChannels {
  readonly session = randomUUID();
  readonly #sign: Sign;
  readonly #log: Log;
  readonly #shell: Dealer;
  readonly #control: Dealer;
  readonly #stdin: Dealer;
  readonly #iopub: Subscriber;
  readonly #queues: Record<Channel, Promise<void>> = {
    shell: Promise.resolve(),
    control: Promise.resolve(),
    stdin: Promise.resolve(),
  };
  #iopubCount = 0;
  /** Faulty messages that are still logged: a kernel that sends nothing else must not fill the disk. */
  #faultsLeft = 20;
  #isClosed = false;

  private constructor(zmq: typeof ZeroMq, connection: Connection, log: Log) {
    this.#sign = hmacSha256(connection.key);
    this.#log = log;
    // The kernel addresses input requests to the identity that asked on shell: both sockets need the same one.
    const dealer = {
      routingId: this.session,
      linger: 0,
      reconnectInterval: 25,
      sendHighWaterMark: 0,
      receiveHighWaterMark: 0,
    };
    this.#shell = new zmq.Dealer(dealer);
    this.#control = new zmq.Dealer({ ...dealer, routingId: `${this.session}-control` });
    this.#stdin = new zmq.Dealer(dealer);
    // The default high-water mark loses outputs when this event loop stalls.
    this.#iopub = new zmq.Subscriber({ receiveHighWaterMark: 0, linger: 0, reconnectInterval: 25 });
  }

  static async open(connection: Connection, log: Log, listener: ChannelListener): Promise<KernelChannels> {
    const zmq = await import('zeromq');
    const channels = new KernelChannels(zmq, connection, log);
    channels.#connect(connection, listener);
    return channels;
  }

  #connect({ ports }: Connection, listener: ChannelListener): void {
    const address = (port: number) => `tcp://${loopback}:${port}`;
    this.#iopub.subscribe();
    this.#shell.events.on('disconnect', () => listener.onDisconnect());
    this.#iopub.connect(address(ports.iopub));
    this.#shell.connect(address(ports.shell));
    this.#control.connect(address(ports.control));
    this.#stdin.connect(address(ports.stdin));
    const hand = (channel: Channel | 'iopub') => (parts: readonly Uint8Array[]) =>
      listener.onParts?.(channel, parts);
    this.#read(this.#shell, (message) => listener.onShell(message), hand('shell'));
    this.#read(this.#control, (message) => listener.onControl(message), hand('control'));
    this.#read(this.#stdin, (message) => listener.onStdin(message), hand('stdin'));
    this.#read(
      this.#iopub,
      (message, hasTopic) => {
        this.#iopubCount += 1;
        listener.onIopub(message, hasTopic);
      },
      hand('iopub'),
    );
  }

  /** Returns the header of the message, whose id the answers will name. Order is kept per channel. */
  send(channel: Channel, type: string, content: JsonObject, options: SendOptions = {}): MessageHeader {
    const header: MessageHeader = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.session,
      username: 'cahier',
      date: new Date().toISOString(),
      version: messagingVersion,
      ...(options.subshell === undefined ? {} : { subshell_id: options.subshell }),
    };
    const frames = writeWire(
      { header, parent: options.parent ?? null, metadata: options.metadata ?? {}, content, buffers: [] },
      this.#sign,
    );
    this.#queue(channel, frames, type);
    return header;
  }

  /** A message that somebody else made: signed here, sent as it is. */
  sendParts(channel: Channel, parts: readonly Uint8Array[]): void {
    this.#queue(channel, signParts(parts, this.#sign), 'of a client');
  }

  #queue(channel: Channel, frames: Uint8Array[], type: string): void {
    const socket = channel === 'shell' ? this.#shell : channel === 'control' ? this.#control : this.#stdin;
    this.#queues[channel] = this.#queues[channel]
      .then(() => (this.#isClosed ? undefined : socket.send(frames)))
      .catch((error: unknown) => {
        if (!this.#isClosed) this.#log.warn({ error, type }, 'a message to the kernel was not sent');
      });
  }

  /** IOPub messages read so far: tells quiet from stalled. */
  get iopubCount(): number {
    return this.#iopubCount;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const socket of [this.#shell, this.#control, this.#stdin, this.#iopub]) socket.close();
  }

  #read(
    socket: Dealer | Subscriber,
    take: (message: JupyterMessage, hasTopic: boolean) => void,
    handOn: (parts: readonly Uint8Array[]) => void,
  ): void {
    const read = wireReader(this.#sign);
    const loop = async () => {
      for await (const frames of socket) {
        const result = read(frames);
        if (!result.ok) {
          if (this.#faultsLeft-- > 0)
            this.#log.warn({ fault: result.fault }, 'a message from the kernel was dropped');
          continue;
        }
        try {
          handOn(result.parts);
          take(result.message, (result.identities[0]?.length ?? 0) > 0);
        } catch (error) {
          this.#log.error(
            { error, type: result.message.header.msg_type },
            'a message from the kernel failed',
          );
        }
      }
    };
    loop().catch((error: unknown) => {
      if (!this.#isClosed) this.#log.error({ error }, 'a socket to the kernel failed');
    });
  }
}

export interface SendOptions {
  readonly parent?: MessageHeader;
  readonly metadata?: JsonObject;
  readonly subshell?: string;
}
