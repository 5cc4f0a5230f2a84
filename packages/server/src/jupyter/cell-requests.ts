/**
 * When a client's execute_request is a run of a cell: it names a cell of the kernel's notebook (`metadata.cellId`, as
 * JupyterLab does), or names none and its code is, to the letter, that of one cell and no other (jupyter_nbmodel_client
 * names none); it is not silent, and comes from somebody who may run and edit. Then it is a run like any other: in the
 * notebook's queue, shown to everybody, written once. A console's code is not: JupyterLab's consoles name cells of theirs.
 */
import { asCellId, type KernelId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import { may } from '@cahier/core/access/rights.ts';
import { scopesAllow } from '@cahier/core/access/scopes.ts';
import type { SocketMessage } from '@cahier/core/jupyter/socket-frames.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { ClientRequest } from '../runs/client-runs.ts';
import { jsonOf, textAt } from './heard-message.ts';
import type { KernelClient } from './kernel-sockets.ts';

/** What a notebook's runs take; runs/notebook-runs.ts has it. */
export interface CellRuns {
  readonly live: { readonly kernel: { readonly kernel?: KernelId } };
  takesRun(cell: ClientRequest['cell'], code: string): boolean;
  cellWithCode(code: string): ClientRequest['cell'] | null;
  runForClient(request: ClientRequest, author: EntryAuthor): Promise<'sent' | 'dropped'>;
}

/** Resolves to whether the kernel was given the message; null: it is no run of a cell, or the notebook does not take it. */
export function runCellOf(
  runs: CellRuns | null,
  kernel: KernelId,
  client: KernelClient,
  { header, message }: { readonly header: JsonObject; readonly message: SocketMessage },
): Promise<boolean> | null {
  if (runs === null || runs.live.kernel.kernel !== kernel || !mayRunCells(client)) return null;
  const { parts } = message;
  const content = jsonOf(parts[3]);
  const named = asCellId(textAt(jsonOf(parts[2]), 'cellId'));
  const code = textAt(content, 'code');
  const isStored = content['store_history'] !== false;
  const cell = named !== '' || !isStored ? named : (runs.cellWithCode(code) ?? named);
  // in a subshell it would not wait for its turn
  const isAside = textAt(header, 'subshell_id') !== '';
  if (content['silent'] === true || isAside || !runs.takesRun(cell, code)) return null;
  const { person } = client.principal;
  const { clientSession } = client;
  const goesOn = content['stop_on_error'] === false;
  const author = { person: person.id, name: person.name, session: null };
  return runs
    .runForClient({ cell, code, goesOn, parts, clientSession }, author)
    .then((outcome) => outcome === 'sent');
}

function mayRunCells({ role, principal: { limits } }: KernelClient): boolean {
  const actions = ['run', 'document.edit'] as const;
  return actions.every((action) => may(role, action) && (!limits || scopesAllow(limits.scopes, action)));
}
