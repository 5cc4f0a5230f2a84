/**
 * A socket between a shared room of the server and a y-websocket client, in memory and in order: what either side sends
 * arrives when `flow` is called, or never, when the line is cut first. `bufferedAmount` can be set, as when a client does
 * not read.
 */
import type { LabWire } from '@cahier/server/jupyter/collaboration/lab-socket.ts';

type OnMessage = (data: unknown, isBinary: boolean) => void;

export class FakeLabWire implements LabWire {
  readonly OPEN = 1;
  readyState = 1;
  /** Bytes that the server has sent and that have not been taken. */
  bufferedAmount = 0;
  pings = 0;
  closed: { readonly code: number; readonly reason: string } | null = null;
  readonly #onMessage: OnMessage[] = [];
  readonly #on = new Map<string, (() => void)[]>();
  #toClient: { readonly bytes: Uint8Array; readonly sent: (() => void) | undefined }[] = [];
  readonly received: Uint8Array[] = [];

  on(event: 'message', listener: OnMessage): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'pong' | 'close', listener: () => void): this;
  on(
    ...[event, listener]:
      | ['message', OnMessage]
      | ['error', (error: Error) => void]
      | ['pong' | 'close', () => void]
  ): this {
    if (event === 'message') this.#onMessage.push(listener);
    else if (event !== 'error') this.#on.set(event, [...(this.#on.get(event) ?? []), listener]);
    return this;
  }

  send(bytes: Uint8Array, sent?: () => void): void {
    this.#toClient.push({ bytes: Uint8Array.from(bytes), sent });
    this.bufferedAmount += bytes.length;
  }

  ping(): void {
    this.pings += 1;
  }

  close(code: number, reason: string): void {
    if (this.readyState !== this.OPEN) return;
    this.closed = { code, reason };
    this.cut();
  }

  terminate(): void {
    this.cut();
  }

  // ---- the client's side

  /** What has been sent so far arrives. */
  flow(): readonly Uint8Array[] {
    const arrived = this.#toClient.splice(0);
    for (const { bytes, sent } of arrived) {
      this.bufferedAmount -= bytes.length;
      this.received.push(bytes);
      sent?.();
    }
    return arrived.map(({ bytes }) => bytes);
  }

  say(bytes: Uint8Array): void {
    if (this.readyState === this.OPEN) this.#message(Buffer.from(bytes), true);
  }

  sayText(text: string): void {
    if (this.readyState === this.OPEN) this.#message(Buffer.from(text), false);
  }

  pong(): void {
    this.#emit('pong');
  }

  /** The line is gone; what was on its way is lost. */
  cut(): void {
    if (this.readyState !== this.OPEN) return;
    this.readyState = 3;
    this.#toClient = [];
    this.#emit('close');
  }

  #message(data: Buffer, isBinary: boolean): void {
    for (const listener of this.#onMessage) listener(data, isBinary);
  }

  #emit(event: 'pong' | 'close'): void {
    for (const listener of this.#on.get(event) ?? []) listener();
  }
}
