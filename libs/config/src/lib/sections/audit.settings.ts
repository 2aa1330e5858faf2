import { WholeNumber } from '../rules/numbers';
import { Setting } from '../setting';

/** Section `audit`: whether shares are what they claim. */
export class AuditSettings {
  @Setting({
    describe:
      'Shares a second that are hashed again and compared with what the pool said (SHA-256d and scrypt of the Bitcoin frame); the others count as unchecked. 0 checks none',
  })
  @WholeNumber(0, 100_000)
  readonly submitsPerSecond: number = 200;
}
