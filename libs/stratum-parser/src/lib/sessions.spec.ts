import { forEverySplit, inPieces, loadMoreSessions, loadSessions, nearly, replay } from '../testing';
import type { Cutter, SessionCase } from '../testing';

const sessions = [...loadSessions(), ...loadMoreSessions()].map((session) => ({
  ...session,
  expect: nearly(session.expect) as SessionCase['expect'],
}));

it('knows all sessions', () => {
  expect(loadSessions()).toHaveLength(15);
});

describe.each(sessions.map((session) => [session.name, session] as const))('%s', (_, session) => {
  it('adds up as expected, whole', () => {
    expect(totalsOf(session)).toMatchObject(session.expect);
  });

  it('adds up the same byte by byte and in 5-byte pieces', () => {
    expect(totalsOf(session, (bytes) => inPieces(bytes, 1))).toMatchObject(session.expect);
    expect(totalsOf(session, (bytes) => inPieces(bytes, 5))).toMatchObject(session.expect);
  });

  it.each(['to_upstream', 'to_downstream'] as const)(
    'adds up the same cut once, anywhere %s',
    (direction) => {
      const expected = JSON.stringify(totalsOf(session));
      session.steps.forEach((step, index) => {
        if (step.direction !== direction) return;
        forEverySplit(step.bytes, (pieces, cut) => {
          if (isInMiddle(step.bytes, cut)) return;
          const totals = totalsOf(session, (bytes, _, at) => (at === index ? pieces : [bytes]));
          if (JSON.stringify(totals) !== expected) expect([index, cut, totals]).toEqual(expected);
        });
      });
    },
  );
});

/** The middle of a long message (a job, an oversize line) is not cut: it is all hex. */
function isInMiddle(bytes: Buffer, cut: number): boolean {
  return cut > 150 && cut < bytes.length - 150;
}

function totalsOf(session: SessionCase, cut?: Cutter): Record<string, unknown> {
  const { inspector, tally } = replay(session.steps, session.config, cut);
  inspector.close();
  const { byWorker, rejectedBy, ...counted } = tally;
  const totals: Record<string, unknown> = { ...counted, events: undefined };
  return {
    ...totals,
    byWorker: Object.fromEntries(byWorker),
    rejectedBy: Object.fromEntries(rejectedBy),
    dialect: inspector.dialect,
  };
}
