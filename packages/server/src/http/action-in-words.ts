/** What a person may not do, in words for the sentence of `access/forbidden`. */
import type { Action } from '@cahier/core/access/rights.ts';

const words: Readonly<Record<Action, string>> = {
  'document.read': 'read',
  'document.edit': 'edit',
  'history.read': 'read the history',
  'history.restore': 'restore an earlier state',
  run: 'run code',
  'kernel.control': 'control the kernel',
  'file.read': 'read files',
  'file.write': 'change files',
  'people.read': 'see who is here',
  'people.invite': 'invite people',
  'project.manage': 'manage the project',
};

export function actionInWords(action: Action): string {
  return words[action];
}
