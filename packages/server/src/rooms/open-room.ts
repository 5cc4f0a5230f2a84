/**
 * One open document with everything that keeps it: the room, the mirror of its file, and for notebooks the face that
 * runs see and the live document. Opened from the history, which needs no runner; only a document that is new to the
 * history is made from its file.
 */
import type { Clock } from '@cahier/base/clock.ts';
import { type AppError } from '@cahier/base/app-error.ts';
import { DisposableStore, type Disposable } from '@cahier/base/disposable.ts';
import type { DocumentId, ProjectId } from '@cahier/base/ids.ts';
import type { DocumentKind } from '@cahier/core/documents/kind.ts';
import { appError } from '@cahier/core/errors.ts';
import type { DocumentRow, EntryAuthor } from '@cahier/core/history/entry.ts';
import type { PlainNotebook } from '@cahier/core/notebooks/notebook.ts';
import type { Logger } from 'pino';
import * as Y from 'yjs';
import type { HistoryLog, MirrorRow } from '../history/history-log.ts';
import type { Recorder } from '../history/recorder.ts';
import type { Runner } from '../runners/runner.ts';
import { changedResults } from './cell-results.ts';
import { kindOfPath, type DocumentKinds } from './document-kinds.ts';
import type { LiveSource } from './live-source.ts';
import { loadDocument } from '../history/load-document.ts';
import { NotebookRoom } from './notebook-room.ts';
import type { Mirrors, NewMirror, RoomMirror } from './room-mirror.ts';
import { Room } from './room.ts';
import type { Vouchers } from './vouchers.ts';

export interface RoomSurroundings {
  readonly project: ProjectId;
  readonly log: HistoryLog;
  readonly recorder: Recorder;
  readonly vouchers: Vouchers;
  readonly runner: Pick<Runner, 'call'>;
  readonly kinds: DocumentKinds;
  readonly mirrors: Mirrors;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The live document of a notebook that is being opened (runs/). */
  readonly openLive: (room: NotebookRoom) => Promise<LiveSource>;
  /** An id of `length` random hexadecimal characters. */
  readonly newId: (length: number) => string;
  readonly newDocumentId: () => DocumentId;
  /** In [0, 1). */
  readonly random: () => number;
  /** How late the event loop is, ms. */
  readonly lag?: () => number;
  /** An empty Y document (tests fix its client id). */
  readonly newDoc?: () => Y.Doc;
}

export interface OpenRoom extends Disposable {
  readonly room: Room;
  readonly mirror: Omit<RoomMirror<never>, 'imported'>;
  /** null: not a notebook. */
  readonly notebook: NotebookRoom | null;
}

/** A file that cannot be edited: why, and its bytes to show. */
export interface RefusedFile {
  readonly error: AppError;
  readonly path: string;
  readonly bytes: Uint8Array;
}

export type Opening =
  | { readonly ok: true; readonly open: OpenRoom }
  | { readonly ok: false; readonly refused: RefusedFile };

/** Bytes of source (without outputs) that travel to everybody who opens the document; more is somebody's data. */
const longestSource = 40 * 1024 * 1024;

const fromFile: EntryAuthor = { person: null, name: 'File', session: null };

/** Throws `file/not-found` and other errors of reading the file when the document is new; what the log throws. */
export async function openRoom(path: string, around: RoomSurroundings): Promise<Opening> {
  const row = await around.log.documentByPath(around.project, path);
  if (row) return { ok: true, open: await openFromHistory(row, around) };
  return kindOfPath(path) === 'notebook'
    ? importFile(path, around, around.kinds.notebook, notebookRoom)
    : importFile(path, around, around.kinds.text, textRoom);
}

/** Builds what belongs to one kind around a room. `imported`: the value that the document was just made from. */
type Furnish<Plain> = (
  room: Room,
  around: RoomSurroundings,
  mirrorRow: MirrorRow | null,
  imported: Plain | null,
) => Promise<{
  readonly mirror: RoomMirror<Plain>;
  readonly notebook: NotebookRoom | null;
  readonly end: () => void;
}>;

async function openFromHistory(row: DocumentRow, around: RoomSurroundings): Promise<OpenRoom> {
  const { log, recorder } = around;
  await recorder.flush();
  await recorder.open(row.id);
  const [{ doc, seq }, mirrorRow] = await Promise.all([
    loadDocument(log, row.id, newDoc(around)),
    log.mirror(row.id),
  ]);
  const room = makeRoom(row, doc, seq, around);
  const { mirror, notebook, end } =
    row.kind === 'notebook'
      ? await notebookRoom(room, around, mirrorRow, null)
      : await textRoom(room, around, mirrorRow, null);
  mirror.start();
  return { room, mirror, notebook, dispose: end };
}

async function importFile<Plain>(
  path: string,
  around: RoomSurroundings,
  kind: DocumentKind<Plain>,
  furnish: Furnish<Plain>,
): Promise<Opening> {
  const { recorder, runner, project } = around;
  const { result, payload: bytes } = await runner.call({
    method: 'file.read',
    path,
    maxBytes: kind.maxBytes,
  });
  let made = 0;
  const parsed = kind.fromFile(bytes, path, () => {
    made += 1;
    return around.newId(8);
  });
  if (!parsed.ok) {
    return { ok: false, refused: { error: appError(parsed.code, { details: parsed.details }), path, bytes } };
  }
  const size = bytes.length > longestSource ? sourceSize(kind, parsed.plain, around) : 0;
  if (size > longestSource) {
    const details = { path, size, limit: longestSource };
    return { ok: false, refused: { error: appError('file/too-large', { details }), path, bytes } };
  }
  const row: DocumentRow = {
    id: around.newDocumentId(),
    kind: kind.id,
    path,
    epoch: around.newId(16),
  };
  await recorder.open(row.id);
  const room = makeRoom(row, newDoc(around), 0, around);
  const isKept = recorder.attach({ documents: [{ ...row, project }] });
  room.edit(fromFile, 'import', (doc) => kind.seed(doc, parsed.plain));
  const { mirror, notebook, end } = await furnish(room, around, null, parsed.plain);
  mirror.imported(result.hash, parsed.plain, { bytes, isRereadable: made === 0 });
  await durableOrTrouble(isKept, recorder);
  return { ok: true, open: { room, mirror, notebook, dispose: end } };
}

const notebookRoom: Furnish<PlainNotebook> = async (room, around, row, imported) => {
  const ends = new DisposableStore();
  ends.add(room);
  const notebook = ends.add(new NotebookRoom(room));
  try {
    const live = await around.openLive(notebook);
    room.useLive(live);
    if (imported) {
      const results = changedResults({ ...imported, cells: [] }, imported);
      if (results.size > 0) await live.takeResults(results);
    }
    const made = newMirror(room, around, row, around.kinds.notebook);
    const mirror = ends.add(around.mirrors.notebook(made, live));
    ends.add(live.onResultsChanged(() => mirror.resultsChanged()));
    return { mirror, notebook, end: () => ends.dispose() };
  } catch (error) {
    ends.dispose();
    throw error;
  }
};

const textRoom: Furnish<string> = async (room, around, row) => {
  const ends = new DisposableStore();
  ends.add(room);
  const mirror = ends.add(around.mirrors.text(newMirror(room, around, row, around.kinds.text)));
  return { mirror, notebook: null, end: () => ends.dispose() };
};

function newMirror<Plain>(
  room: Room,
  { log }: RoomSurroundings,
  row: MirrorRow | null,
  kind: DocumentKind<Plain>,
): NewMirror<Plain> {
  const readAt = async (seq: number) => kind.read((await loadDocument(log, room.id, new Y.Doc(), seq)).doc);
  return { room, kind, row, readAt };
}

function makeRoom(row: DocumentRow, doc: Y.Doc, lastSeq: number, around: RoomSurroundings): Room {
  const { recorder, vouchers, clock, logger, lag } = around;
  return new Room({ row, doc, lastSeq, recorder, vouchers, clock, logger, ...(lag ? { lag } : {}) });
}

/** Bytes of the document that a value becomes. Outputs are not in it, so even a huge notebook may be small here. */
function sourceSize<Plain>(kind: DocumentKind<Plain>, plain: Plain, around: RoomSurroundings): number {
  const doc = newDoc(around);
  kind.seed(doc, plain);
  return Y.encodeStateAsUpdate(doc).length;
}

function newDoc(around: RoomSurroundings): Y.Doc {
  return around.newDoc?.() ?? new Y.Doc();
}

/** A document opens even while the disk refuses: nothing of it will be called saved until it is. */
async function durableOrTrouble(isDurable: Promise<void>, recorder: Recorder): Promise<void> {
  const ends = new DisposableStore();
  const trouble = new Promise<void>((resolve) => {
    ends.add(recorder.onTrouble((error) => (error ? resolve() : undefined)));
  });
  await Promise.race([isDurable, trouble]);
  ends.dispose();
}
