/** The id that JupyterLab gives a heading: spaces become dashes, so links between cells go on working. */
export function headingId(title: string): string {
  return title.trim().replaceAll(' ', '-');
}

/** What the sanitiser puts before every id and every `#…` address that others wrote. */
export const idPrefix = 'user-content-';
