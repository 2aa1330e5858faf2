import { WholeNumber } from '../rules/numbers';
import { OneOf, Separators } from '../rules/text';
import { Setting } from '../setting';

const FALLBACKS = ['account', 'worker', 'source_ip', 'unassigned'] as const;

/** What a session is billed to when no configured client matches it. */
export type IdentityFallback = (typeof FALLBACKS)[number];

/** Section `identity`: how a session finds its client. */
export class IdentitySettings {
  @Setting({
    describe: `What a session is billed to when no configured client matches: ${FALLBACKS.map((word) => `\`${word}\``).join(', ')}`,
  })
  @OneOf(FALLBACKS)
  readonly fallback: IdentityFallback = 'account';

  @Setting({
    describe: 'Clients beyond the configured ones with metrics of their own; the rest share `overflow`',
  })
  @WholeNumber(1, 100_000)
  readonly maxClients: number = 1_000;

  @Setting({ describe: 'Characters that end the account in a login; an e-mail address keeps its dots' })
  @Separators()
  readonly separators: string = './+#';
}
