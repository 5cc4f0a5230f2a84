/** Who may do what: one table. The server asks it for every request and every frame; the page only reflects it. */
export type Role = 'owner' | 'editor' | 'viewer';

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

export function may(role: Role, action: Action): boolean {
  return table[role].has(action);
}
