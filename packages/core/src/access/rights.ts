/** Who may do what: one table. The server asks it for every request and every frame; the page only reflects it. */
export type Role = 'owner' | 'editor' | 'viewer';

/** What a project's owner may set about rights. */
export interface AccessSettings {
  /** Who reads history: this role and those above it. Who may not read it cannot restore from it either. */
  readonly historyFor: Role;
}

/** History shows what was written and taken back: viewers see the document as it is, unless the owner allows more. */
export const defaultAccess: AccessSettings = { historyFor: 'editor' };

export type Action =
  | 'document.read'
  | 'document.edit'
  | 'history.read'
  | 'history.restore'
  | 'run'
  | 'kernel.control'
  | 'file.read'
  | 'file.write'
  | 'people.read'
  | 'people.invite'
  | 'project.manage';

const viewer: readonly Action[] = ['document.read', 'history.read', 'file.read', 'people.read'];
const editor: readonly Action[] = [
  ...viewer,
  'document.edit',
  'history.restore',
  'run',
  'kernel.control',
  'file.write',
];
const owner: readonly Action[] = [...editor, 'people.invite', 'project.manage'];

const table: Record<Role, ReadonlySet<Action>> = {
  viewer: new Set(viewer),
  editor: new Set(editor),
  owner: new Set(owner),
};

const rank: Readonly<Record<Role, number>> = { viewer: 0, editor: 1, owner: 2 };

export function may(role: Role, action: Action, { historyFor }: AccessSettings = defaultAccess): boolean {
  const isHistory = action === 'history.read' || action === 'history.restore';
  if (isHistory && rank[role] < rank[historyFor]) return false;
  return table[role].has(action);
}
