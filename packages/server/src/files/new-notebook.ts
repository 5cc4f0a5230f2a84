/** The bytes of a new notebook: one empty code cell, in the form of Jupyter's own writer. */
export function newNotebookBytes(cellId: string): Uint8Array {
  const notebook = {
    cells: [{ cell_type: 'code', execution_count: null, id: cellId, metadata: {}, outputs: [], source: [] }],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
  return new TextEncoder().encode(`${JSON.stringify(notebook, null, 1)}\n`);
}
