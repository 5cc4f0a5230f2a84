import { appError, errorCatalogue, isErrorCode } from '@cahier/core/errors.ts';
import { describe, expect, it } from 'vitest';
import { closeCodeOf, fromWireError, httpStatusOf, toWireError, wireError } from './wire-error.ts';

describe('errors on the wire', () => {
  it('tell nothing of an error that the catalogue does not know', () => {
    const wire = toWireError(new Error('password is hunter2'), 'r-1');
    expect(JSON.stringify(wire)).not.toContain('hunter2');
    expect(wire).toMatchObject({ code: 'internal/unexpected', kind: 'internal', requestId: 'r-1' });
  });

  it('carry every catalogued error there and back', () => {
    for (const code of Object.keys(errorCatalogue).filter(isErrorCode)) {
      const error = appError(code, { details: { path: 'a/b', why: 'because' } });
      const back = fromWireError(wireError.parse(JSON.parse(JSON.stringify(toWireError(error)))));
      expect([back.code, back.kind, back.message]).toEqual([code, error.kind, error.message]);
      expect(httpStatusOf[back.kind]).toBeGreaterThanOrEqual(400);
      expect(closeCodeOf[back.kind]).toBeGreaterThanOrEqual(1000);
    }
  });

  it('are sentences: a capital letter or a name first, a full stop last, every place filled or empty', () => {
    for (const code of Object.keys(errorCatalogue).filter(isErrorCode)) {
      const { message } = appError(code);
      expect(message, code).not.toMatch(/[{}]/);
      expect(errorCatalogue[code].sentence, code).toMatch(/^[A-Z“{].*([.}])$/);
    }
  });
});
