/**
 * `POST /p/:project/api/kernels/:kernel/execute`: the server runs a cell of a shared notebook, in the one queue that the
 * page uses, and writes its outputs. Three programs ask by it, each with a body of its own; they are told apart by that.
 * The kernel in the address is not looked at: a notebook has one kernel, and JupyterLab asks before it knows its id.
 */
import type { Clock } from '@cahier/base/clock.ts';
import { asCellId, asDocumentId, asKernelId, type CellId, type ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { murmurHash } from '@cahier/core/jupyter/murmur-hash.ts';
import { writeOutput } from '@cahier/core/notebooks/nbformat/outputs.ts';
import { cellText, orderedCells } from '@cahier/core/notebooks/source-doc.ts';
import { liveCell } from '@cahier/core/runs/apply-live-op.ts';
import { type ExecuteBody, executeBody, inputBody } from '@cahier/protocol/http/jupyter-collaboration.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { type Answer, type ProjectCall, projectRoute, RawAnswer, type Route } from '../../http/route.ts';
import type { OpenRoom } from '../../rooms/open-room.ts';
import type { NotebookRuns } from '../../runs/notebook-runs.ts';
import { authorOf } from '../jupyter-project.ts';
import { AskedRuns } from './asked-runs.ts';
import { GatheredRuns } from './gathered-runs.ts';
import type { LabRooms } from './lab-rooms.ts';

interface Asked {
  readonly open: OpenRoom;
  readonly runs: NotebookRuns;
  /** The cell that a name in a request means. Throws `cell/not-found`. */
  readonly cell: (name: string) => CellId;
}

/** How long the code that was typed may be on its way after the request to run it. */
const typingMs = 2_000;
const params = z.object({ project: projectId, kernel: z.string().max(512) });

export function executeRoutes(rooms: LabRooms): readonly Route[] {
  const { clock } = rooms.deps;
  const gathered = new GatheredRuns(clock);
  const asked = new AskedRuns(clock);

  const find = async (project: ProjectId, name: string): Promise<Asked> => {
    const document = asDocumentId(name.slice(name.lastIndexOf(':') + 1));
    const at = await rooms.deps.open(project);
    const opening = await at.rooms.openDocument(document);
    if (!opening.ok) throw opening.refused.error;
    const runs = at.runs.get(document);
    if (!runs)
      throw appError('jupyter/bad-type', {
        details: { path: opening.open.room.path, what: 'not a notebook' },
      });
    const cell = (id: string) => {
      const lab = rooms.byDocument(document);
      const found = lab ? lab.projection.cellOf(id) : asCellId(id);
      if (found === null || cellText(opening.open.room.doc, found) === undefined)
        throw appError('cell/not-found');
      return found;
    };
    return { open: opening.open, runs, cell };
  };

  const runCell = async (call: ProjectCall<unknown>, name: string, id: string): Promise<Answer> => {
    const { open, runs, cell } = await find(call.project, name);
    const order = () => orderedCells(open.room.doc).map((each) => each.id);
    await gathered.queue(runs, order, cell(id), authorOf(call.principal));
    return {};
  };

  const runCells = async (
    call: ProjectCall<unknown>,
    body: Extract<ExecuteBody, { cells: unknown }>,
  ): Promise<Answer> => {
    const { open, runs, cell } = await find(call.project, body.document_id);
    const before = body.previous_request_id ?? null;
    const isNext = before === null || (await asked.after(open.room.id, before));
    if (!isNext)
      return answer(408, { message: 'The request before this one did not come.', reason: 'predecessor' });
    for (const { cell_id: id, source_hash: hash } of body.cells) {
      const wanted = hash === undefined || hash === null ? null : String(hash);
      const isSeen = (text: string) => wanted === null || String(murmurHash(text, 0)) === wanted;
      if (!(await textBecomes(open, cell(id), isSeen, clock))) {
        return answer(409, {
          message: 'The code here is not what the request was made for.',
          reason: 'source_mismatch',
          error: 'source_mismatch',
          cell_id: id,
        });
      }
    }
    await runs.queue(
      body.cells.map(({ cell_id: id }) => cell(id)),
      authorOf(call.principal),
    );
    if (body.request_id) asked.taken(open.room.id, body.request_id);
    return {};
  };

  const runCode = async (
    call: ProjectCall<unknown>,
    body: Extract<ExecuteBody, { code: string }>,
    kernel: string,
  ): Promise<Answer> => {
    const { open, runs, cell } = await find(call.project, body.metadata.document_id);
    const id = cell(body.metadata.cell_id);
    await textBecomes(open, id, (text) => text === body.code, clock);
    await runs.queue([id], authorOf(call.principal));
    const live = liveCell(runs.live, id);
    const run = live?.again?.run ?? live?.run;
    if (run === undefined) throw appError('cell/not-found');
    const uid = asked.add({ project: call.project, document: open.room.id, cell: id, run });
    // below the client's base address
    return answer(202, {}, { location: `/api/kernels/${encodeURIComponent(kernel)}/requests/${uid}` });
  };

  const resultOf = async (project: ProjectId, kernel: string, uid: string): Promise<Answer> => {
    const known = asked.get(project, uid);
    if (!known) throw appError('jupyter/no-request', { details: { request: uid.slice(0, 100) } });
    const { runs } = await find(project, known.document);
    const cell = liveCell(runs.live, known.cell);
    if (cell?.input && cell.input.run === known.run) {
      const { prompt, isPassword } = cell.input;
      return answer(
        300,
        { parent_header: {}, input_request: { prompt, password: isPassword } },
        { location: `/api/kernels/${encodeURIComponent(kernel)}/input` },
      );
    }
    const isOn = cell?.run === known.run && (cell.state === 'queued' || cell.state === 'running');
    if (isOn || cell?.again?.run === known.run) return answer(202, {});
    asked.forget(uid);
    if (!cell || cell.run !== known.run) return answer(500, { error: 'The cell was run again, or is gone.' });
    const result = (await runs.results()).get(known.cell);
    return answer(200, {
      status: cell.state === 'failed' ? 'error' : 'ok',
      execution_count: cell.executionCount,
      outputs: JSON.stringify((result?.outputs ?? []).map((output) => writeOutput(output))),
    });
  };

  return [
    projectRoute({
      method: 'POST',
      path: '/p/:project/api/kernels/:kernel/execute',
      action: 'run',
      input: z.object({ params, body: executeBody }),
      handle: (call) => {
        const { body } = call.input;
        if ('code' in body) return runCode(call, body, call.input.params.kernel);
        return 'cells' in body ? runCells(call, body) : runCell(call, body.document_id, body.cell_id);
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/kernels/:kernel/requests/:request',
      action: 'run',
      input: z.object({ params: params.extend({ request: z.string().max(128) }) }),
      handle: ({ project, input }) => resultOf(project, input.params.kernel, input.params.request),
    }),
    projectRoute({
      method: 'POST',
      path: '/p/:project/api/kernels/:kernel/input',
      action: 'run',
      input: z.object({ params, body: inputBody }),
      handle: async ({ project, input }) => {
        const { runs } = await rooms.deps.open(project);
        const notebook = await runs.notebookOfKernel(asKernelId(input.params.kernel));
        const cells = notebook ? Object.values(notebook.live.cells) : [];
        const { run, input: answered } = input.body;
        const waiting = cells
          .flatMap((cell) => cell.input ?? [])
          .find((asked) => run === undefined || asked.run === run);
        if (!notebook || !waiting) throw appError('run/no-input');
        await notebook.answerInput(waiting.run, answered);
        return answer(201, {});
      },
    }),
  ];
}

/** Resolves to whether the cell's text is as wished, now or a moment later. */
function textBecomes(
  { room }: OpenRoom,
  cell: CellId,
  is: (text: string) => boolean,
  clock: Clock,
): Promise<boolean> {
  const isNow = () => is(cellText(room.doc, cell)?.toString() ?? '');
  if (isNow()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const done = (isSo: boolean) => {
      timer.dispose();
      listening.dispose();
      resolve(isSo);
    };
    const timer = clock.after(typingMs, () => done(false));
    const listening = room.changed.on(() => {
      if (isNow()) done(true);
    });
  });
}

function answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): RawAnswer {
  const all = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers };
  return new RawAnswer(JSON.stringify(body), all, status);
}
