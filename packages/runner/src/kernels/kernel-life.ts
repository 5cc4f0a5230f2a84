/**
 * One life of a kernel: a process and the sockets to it, from launch to the last message read. A restart is a new life.
 * Owned by its Kernel, which alone decides what a death means.
 */
import { writeFile } from 'node:fs/promises';
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import type { JupyterMessage, MessageHeader } from '@cahier/core/jupyter/message.ts';
import type { Log } from '../log.ts';
import type { Connection } from './connection-file.ts';
import { Handshake } from './handshake.ts';
import { type Channel, KernelChannels, type SendOptions } from './kernel-channels.ts';
import { type KernelCommand, KernelProcess, type ProcessEnd } from './kernel-process.ts';
import { isPortOpen } from './port-probe.ts';

export interface LifeListener {
  onShell(message: JupyterMessage): void;
  onControl(message: JupyterMessage): void;
  onStdin(message: JupyterMessage): void;
  onIopub(message: JupyterMessage, hasTopic: boolean): void;
  onParts?(channel: Channel | 'iopub', parts: readonly Uint8Array[]): void;
  /** The process is gone; messages that it sent before may still be on the way until `ended`. */
  onDeath(end: ProcessEnd): void;
}

export interface LifeOptions {
  readonly connection: Connection;
  readonly command: KernelCommand;
  readonly clock: Clock;
  readonly log: Log;
  readonly listener: LifeListener;
}

/** Stop sequence of the reference implementation, milliseconds after the request. */
const terminateAfterMs = 2_500;
const killAfterMs = 5_000;
const drainStepMs = 15;
/** For what a kernel does after it has closed its sockets; a dead one must be shown dead within 3 s. */
const partingMs = 1_000;
/** A dying process may close its connections before its ports: when they are looked at after the first was closed. */
const probeAfterMs = [0, 50, 150, 300, 500];
const leftBehind = 'It ended, but the program that had started it did not, which was then ended as well.';

export class KernelLife {
  readonly info: Promise<JsonObject>;
  /** Resolves when the process is gone and everything it sent has been handed on. */
  readonly ended: Promise<ProcessEnd>;
  readonly #process: KernelProcess;
  readonly #channels: KernelChannels;
  readonly #clock: Clock;
  #stop: Promise<ProcessEnd> | null = null;

  private constructor(
    options: LifeOptions,
    child: KernelProcess,
    ended: Promise<ProcessEnd>,
    channels: KernelChannels,
    handshake: Handshake,
  ) {
    this.#process = child;
    this.#channels = channels;
    this.#clock = options.clock;
    this.info = handshake.done;
    this.ended = ended.then(async (end) => {
      handshake.cancel();
      options.listener.onDeath(end);
      await this.#drain();
      channels.close();
      return end;
    });
  }

  static async launch(options: LifeOptions): Promise<KernelLife> {
    const { connection, command, clock, log, listener } = options;
    const child = new KernelProcess(command);
    if (child.pid !== undefined) await notePid(connection.file, child.pid);
    const handshake = new Handshake(clock, () => channels.send('shell', 'kernel_info_request', {}));
    const channels: KernelChannels = await KernelChannels.open(connection, log, {
      onShell: (message) => {
        handshake.onShell(message);
        listener.onShell(message);
      },
      onIopub: (message, hasTopic) => {
        handshake.onIopub();
        listener.onIopub(message, hasTopic);
      },
      onControl: (message) => listener.onControl(message),
      onStdin: (message) => listener.onStdin(message),
      onParts: (channel, parts) => listener.onParts?.(channel, parts),
      onDisconnect: () => void endIfGone(),
    }).catch((error: unknown) => {
      child.signal('SIGKILL');
      throw error;
    });
    let isLeftBehind = false;
    /** A wrapper script may outlive the kernel that it started: then nobody answers behind a living process. */
    async function endIfGone(): Promise<void> {
      for (const wait of probeAfterMs) {
        await new Promise<void>((resolve) => void clock.after(wait, resolve));
        if (child.isOver) return;
        if (await isPortOpen(connection.ports.shell)) continue;
        clock.after(partingMs, () => {
          if (child.isOver) return;
          isLeftBehind = true;
          child.signal('SIGKILL');
        });
        return;
      }
    }
    const ended = child.ended.then((end) => (isLeftBehind ? { ...end, reason: leftBehind } : end));
    handshake.start();
    return new KernelLife(options, child, ended, channels, handshake);
  }

  get isOver(): boolean {
    return this.#process.isOver;
  }

  get lastLines(): string {
    return this.#process.words.lines(12);
  }

  send(channel: Channel, type: string, content: JsonObject, options?: SendOptions): MessageHeader {
    return this.#channels.send(channel, type, content, options);
  }

  sendParts(channel: Channel, parts: readonly Uint8Array[]): void {
    this.#channels.sendParts(channel, parts);
  }

  signal(name: NodeJS.Signals): void {
    this.#process.signal(name);
  }

  /** Asks, then insists, then kills: at most some 5 s. Takes everything along that the kernel started. */
  stop(isRestart: boolean, isBusy: boolean): Promise<ProcessEnd> {
    this.#stop ??= this.#stopOnce(isRestart, isBusy);
    return this.#stop;
  }

  async #stopOnce(isRestart: boolean, isBusy: boolean): Promise<ProcessEnd> {
    const timers: Disposable[] = [];
    if (!this.isOver) {
      // A kernel in the middle of a cell reads `shutdown_request` only when the cell has ended.
      if (isBusy) this.signal('SIGINT');
      this.send('control', 'shutdown_request', { restart: isRestart });
      timers.push(this.#clock.after(terminateAfterMs, () => this.signal('SIGTERM')));
      timers.push(this.#clock.after(killAfterMs, () => this.signal('SIGKILL')));
    }
    const end = await this.ended;
    for (const timer of timers) timer.dispose();
    this.signal('SIGKILL');
    return end;
  }

  /** At once and without asking. */
  kill(): void {
    this.signal('SIGKILL');
  }

  /** Reads until two steps in a row brought nothing: the process is gone, so what is left is finite. */
  async #drain(): Promise<void> {
    let quiet = 0;
    while (quiet < 2) {
      const before = this.#channels.iopubCount;
      await new Promise<void>((resolve) => void this.#clock.after(drainStepMs, () => setImmediate(resolve)));
      quiet = before === this.#channels.iopubCount ? quiet + 1 : 0;
    }
  }
}

/** So that the next runner finds kernels that a killed one left behind (orphans.ts). */
async function notePid(connectionFile: string, pid: number): Promise<void> {
  await writeFile(`${connectionFile}.pid`, String(pid), { mode: 0o600 }).catch(() => {});
}
