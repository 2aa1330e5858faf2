import { loadMoreReasons, loadReasons } from '../../testing';
import { beamCodes, ethstratum2Codes, sharedCodes } from './rejection-codes';
import { classifyRejection } from './rejection-reason';

const reasons = loadReasons();
const CODES = new Map([
  ['beam', beamCodes],
  ['ethstratum2', ethstratum2Codes],
]);

describe('classifyRejection', () => {
  it('knows all recorded refusals', () => {
    expect(reasons).toHaveLength(153);
  });

  it.each([...reasons, ...loadMoreReasons()])(
    'reads $code "$text" as $reason ($source)',
    ({ dialect, code, text, reason }) => {
      const meaningOf = CODES.get(dialect) ?? sharedCodes;
      expect(classifyRejection(text === '' ? null : text, code, meaningOf)).toBe(reason);
    },
  );

  it('believes the text before the code', () => {
    expect(classifyRejection('Invalid share: Low difficulty share', 28)).toBe('low_difficulty');
  });

  it('takes the code where the text says nothing', () => {
    expect(classifyRejection('Nope.', 22)).toBe('duplicate');
    expect(classifyRejection(null, 21)).toBe('stale');
  });

  it('calls other what neither explains', () => {
    expect(classifyRejection('Nope.', 99)).toBe('other');
    expect(classifyRejection(null, null)).toBe('other');
  });

  it('looks at the first 256 characters only', () => {
    expect(classifyRejection(`${'x'.repeat(300)} duplicate`, null)).toBe('other');
  });
});
