/**
 * A kernel that plays a part: speaks the wire format over real ZeroMQ and deviates as real kernels do.
 * Run as a program: `fake-kernel.ts CONNECTION_FILE PART`. The code it is given is a word that says what to do.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JsonObject } from '@cahier/base/json.ts';
import type { JupyterMessage, MessageHeader } from '@cahier/core/jupyter/message.ts';
import { type Sign, wireReader, writeWire } from '@cahier/core/jupyter/wire-frame.ts';
import { Publisher, Reply, Router } from 'zeromq';
import { z } from 'zod';

const connectionFile = z.object({
  key: z.string(),
  shell_port: z.int(),
  iopub_port: z.int(),
  stdin_port: z.int(),
  control_port: z.int(),
  hb_port: z.int(),
});

/**
 * `plain`: as the specification says · `deno`: bare topics, result after idle, first requests mute on IOPub ·
 * `tslab`: no execute_input, no status in replies · `mute`: nothing on IOPub · `deaf`: never answers ·
 * `forger`: slips in unsigned and wrongly signed messages · `no-idle` / `no-reply`: leaves that out ·
 * `stubborn`: ignores signals and shutdown requests · `strict`: dies of a signature that it has seen before ·
 * `chatty`: says what no specification knows.
 */
async function play(file: string, part: string): Promise<void> {
  const connection = connectionFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const sign: Sign = (parts) => {
    const hmac = createHmac('sha256', connection.key);
    for (const each of parts) hmac.update(each);
    return hmac.digest('hex');
  };
  const address = (port: number) => `tcp://127.0.0.1:${port}`;
  const [shell, control, stdin] = [new Router(), new Router(), new Router()];
  const iopub = new Publisher();
  const heart = new Reply();
  await Promise.all([
    shell.bind(address(connection.shell_port)),
    control.bind(address(connection.control_port)),
    stdin.bind(address(connection.stdin_port)),
    iopub.bind(address(connection.iopub_port)),
    heart.bind(address(connection.hb_port)),
  ]);
  const session = randomUUID();
  const message = (type: string, parent: MessageHeader, content: JsonObject): JupyterMessage => ({
    header: { msg_id: randomUUID(), msg_type: type, session, username: 'fake', date: '', version: '5.0' },
    parent,
    metadata: {},
    content,
    buffers: [],
  });
  let isMute = part === 'deno';
  const publish = async (type: string, parent: MessageHeader, content: JsonObject, signWith = sign) => {
    if (part === 'mute' || isMute) return;
    const topic = part === 'deno' ? [] : [`kernel.${session}.${type}`];
    await iopub.send([...topic, ...writeWire(message(type, parent, content), signWith)]);
  };
  const status = (parent: MessageHeader, execution_state: string) =>
    publish('status', parent, { execution_state });

  let count = 0;
  async function execute(identity: Uint8Array, request: JupyterMessage): Promise<void> {
    const parent = request.header;
    count += 1;
    await status(parent, 'busy');
    if (part !== 'tslab') await publish('execute_input', parent, { code: '', execution_count: count });
    if (request.content['code'] === 'exit') process.exit(7);
    const result = () =>
      publish('execute_result', parent, {
        data: { 'text/plain': 'result' },
        metadata: {},
        execution_count: count,
      });
    const reply = async () => {
      if (part === 'no-reply') return;
      const content = { execution_count: count, ...(part === 'tslab' ? {} : { status: 'ok' }) };
      await shell.send([identity, ...writeWire(message('execute_reply', parent, content), sign)]);
    };
    if (part === 'chatty') {
      await publish('shutdown', parent, { restart: false });
      await publish('x_weather', parent, { sky: 'blue' });
      await publish('status', parent, { execution_state: 'dreaming', mood: 7 });
      await shell.send([identity, ...writeWire(message('x_reply', parent, { status: 'ok' }), sign)]);
    }
    if (part === 'forger') {
      const forged = { name: 'stdout', text: 'forged' };
      await publish('stream', parent, forged, () => '');
      await publish('stream', parent, forged, () => 'f'.repeat(64));
      await iopub.send(['noise']);
      await iopub.send(['kernel.x', '<IDS|MSG>', 'too', 'short']);
    }
    if (part === 'deno') {
      await reply();
      await status(parent, 'idle');
      await result();
    } else {
      await result();
      await reply();
      if (part !== 'no-idle') await status(parent, 'idle');
    }
  }

  let infos = 0;
  const seen = new Set<string>();
  function refuseRepetition(frames: readonly Uint8Array[]): void {
    const delimiter = frames.findIndex((frame) => Buffer.from(frame).toString() === '<IDS|MSG>');
    const signature = Buffer.from(frames[delimiter + 1] ?? '').toString();
    if (part === 'strict' && seen.has(signature)) process.exit(9);
    seen.add(signature);
  }
  async function serve(socket: Router): Promise<void> {
    const read = wireReader(sign);
    for await (const frames of socket) {
      refuseRepetition(frames);
      const result = read(frames);
      const [identity] = frames;
      if (!result.ok || identity === undefined || part === 'deaf') continue;
      const { header } = result.message;
      if (header.msg_type === 'kernel_info_request') {
        infos += 1;
        isMute = part === 'deno' && infos < 3;
        await status(header, 'busy');
        const info = part === 'tslab' ? {} : { status: 'ok', implementation: part };
        await socket.send([identity, ...writeWire(message('kernel_info_reply', header, info), sign)]);
        await status(header, 'idle');
      } else if (header.msg_type === 'execute_request') await execute(identity, result.message);
      else if (header.msg_type === 'shutdown_request' && part !== 'stubborn') process.exit(0);
    }
  }
  if (part === 'stubborn') for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  await Promise.all([serve(shell), serve(control)]);
}

const [, , file = '', part = 'plain'] = process.argv;
await play(file, part);
