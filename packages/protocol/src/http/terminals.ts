/** HTTP: the terminals of a project, for our own page. */
import { z } from 'zod';
import { projectPath, terminalName } from '../ids.ts';

export const terminalRow = z.object({ name: terminalName, lastActivity: z.number() });
export const terminalList = z.object({ terminals: z.array(terminalRow) });
export const startTerminal = z.object({ cwd: projectPath.default('') });
