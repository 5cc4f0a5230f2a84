/** Help in the page: the documents of the software itself, with their pictures, so that there is one text of each. */
import { useEffect } from 'react';
import compare from 'help:compare.md?raw';
import historyExport from 'help:history-export.md?raw';
import history from 'help:history.md?raw';
import comparePicture from 'help:pictures/history-compare.png?url';
import keepingPicture from 'help:pictures/history-keeping.png?url';
import versionsPicture from 'help:pictures/history-versions.png?url';
import whoPicture from 'help:pictures/history-who.png?url';
import historyPicture from 'help:pictures/history.png?url';
import { OutputSourceProvider, type OutputSource } from '../outputs/output-source.ts';
import { RichHtml } from '../outputs/rich-html.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import styles from './help-page.module.css';

const topics: ReadonlyMap<string, { readonly title: string; readonly text: string }> = new Map([
  ['history', { title: 'The history of a document', text: history }],
  ['history-export', { title: 'The exported history', text: historyExport }],
  ['compare', { title: 'Compare and merge notebooks', text: compare }],
]);

const pictures: ReadonlyMap<string, string> = new Map([
  ['pictures/history.png', historyPicture],
  ['pictures/history-compare.png', comparePicture],
  ['pictures/history-keeping.png', keepingPicture],
  ['pictures/history-versions.png', versionsPicture],
  ['pictures/history-who.png', whoPicture],
]);

const source: OutputSource = {
  blobUrl: () => '',
  fileUrl: (relative) => pictures.get(relative) ?? '',
  pageUrl: (relative) => {
    const [name = ''] = relative.split('.md');
    return topics.has(name) ? `/help/${name}` : '/help/history';
  },
  macros: {},
};

export function HelpPage({ topic }: { readonly topic: string }) {
  const found = topics.get(topic);
  useEffect(() => {
    document.title = `${found?.title ?? 'Help'} · Cahier`;
  }, [found]);
  return (
    <>
      <PageHeader />
      <main id="main" tabIndex={-1} className={styles['page']}>
        {found ? (
          <OutputSourceProvider value={source}>
            <RichHtml source={found.text} kind="markdown" />
          </OutputSourceProvider>
        ) : (
          <EmptyState isPage title="There is no such help page">
            <a href="/help/history">The history of a document</a>
          </EmptyState>
        )}
      </main>
    </>
  );
}
