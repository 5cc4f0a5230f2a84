/** The runner's answers to the server's calls: one row per method of protocol/runner/down.ts. */
import { assertNever } from '@cahier/base/assert-never.ts';
import { splitPayload } from '@cahier/protocol/frame.ts';
import type { RunnerCall } from '@cahier/protocol/runner/down.ts';
import type { FileWatch } from './files/file-watch.ts';
import type { ProjectFiles } from './files/project-files.ts';
import type { ProjectGit } from './git/project-git.ts';
import type { KernelTable } from './kernels/kernel-table.ts';
import { type KernelspecCatalog, defaultKernelspec, toWire } from './kernelspecs/kernelspec-catalog.ts';
import type { Nbconvert } from './nbconvert/nbconvert.ts';
import type { TerminalTable } from './terminals/terminal-table.ts';
import type { CallReply } from './link/runner-link.ts';

export interface CallTargets {
  readonly catalog: KernelspecCatalog;
  readonly kernels: KernelTable;
  readonly files: ProjectFiles;
  readonly git: ProjectGit;
  readonly watch: FileWatch;
  readonly terminals: TerminalTable;
  readonly nbconvert: Nbconvert;
}

const done: CallReply = { result: {} };

/** Throws catalogued errors (AppError). */
export async function answerCall(
  { catalog, kernels, files, git, watch, terminals, nbconvert }: CallTargets,
  call: RunnerCall,
  payload: Uint8Array,
): Promise<CallReply> {
  switch (call.method) {
    case 'kernelspecs.list': {
      const specs = await catalog.list();
      return { result: { default: defaultKernelspec(specs), specs: specs.map(toWire) } };
    }
    case 'kernelspecs.resource': {
      const { bytes, mime } = await catalog.resource(call.name, call.file);
      return { result: { mime }, payload: bytes };
    }
    case 'kernel.start':
      await kernels.start(call.kernel, call.spec, call.cwd, call.notebook);
      return done;
    case 'kernel.interrupt':
      (await kernels.get(call.kernel)).interrupt();
      return done;
    case 'kernel.restart':
      await (await kernels.get(call.kernel)).restart();
      return done;
    case 'kernel.shutdown':
      await kernels.shutdown(call.kernel);
      return done;
    case 'kernel.execute':
      await kernels.execute(call.kernel, call.run, call.cell, call.code);
      return done;
    case 'kernel.hold':
      (await kernels.get(call.kernel)).hold(call.run, splitPayload(payload, call.parts));
      return done;
    case 'kernel.input':
      (await kernels.get(call.kernel)).input(call.run, call.value);
      return done;
    case 'kernel.request': {
      const kernel = await kernels.get(call.kernel);
      return { result: { content: await kernel.request(call.type, call.content, call.timeoutMs) } };
    }
    case 'kernel.listen':
      (await kernels.get(call.kernel)).listen(call.isOn);
      return done;
    case 'kernel.send':
      (await kernels.get(call.kernel)).send(call.channel, splitPayload(payload, call.parts));
      return done;
    case 'terminal.start':
      return { result: { terminal: await terminals.start(call.terminal, call.cwd) } };
    case 'terminal.list':
      return { result: { terminals: terminals.list() } };
    case 'terminal.read': {
      const { at, bytes } = terminals.get(call.terminal).read();
      return { result: { at }, payload: bytes };
    }
    case 'terminal.watch':
      terminals.get(call.terminal).watch(call.isOn);
      return done;
    case 'terminal.ack':
      terminals.get(call.terminal).ack(call.upTo);
      return done;
    case 'terminal.type':
      terminals.get(call.terminal).type(payload);
      return done;
    case 'terminal.resize':
      terminals.get(call.terminal).resize(call.rows, call.columns);
      return done;
    case 'terminal.end':
      terminals.get(call.terminal).hangUp();
      return done;
    case 'nbconvert.list':
      return { result: { exporters: await nbconvert.list() } };
    case 'nbconvert.convert': {
      const { bytes, mime, fileName } = await nbconvert.convert(call.format, call.path, payload);
      return { result: { mime, fileName }, payload: bytes };
    }
    case 'file.list':
      return { result: { entries: await files.list(call.path) } };
    case 'file.stat':
      return { result: { entry: await files.stat(call.path) } };
    case 'file.read': {
      const { bytes, hash, modifiedAt } = await files.read(call.path, call.maxBytes);
      return { result: { hash, modifiedAt }, payload: bytes };
    }
    case 'git.log':
      return { result: await git.log(call.path, call.most) };
    case 'git.show':
      return { result: {}, payload: await git.show(call.path, call.revision, call.maxBytes) };
    case 'file.write':
      return { result: await files.write(call.path, payload, call.ifHash) };
    case 'file.mkdir':
      await files.mkdir(call.path);
      return done;
    case 'file.rename':
      await files.rename(call.from, call.to);
      return done;
    case 'file.remove':
      await files.remove(call.path);
      return done;
    case 'file.watch':
      watch.set(call.files, call.folders);
      return done;
    default:
      return assertNever(call);
  }
}
