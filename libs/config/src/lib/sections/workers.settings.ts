import { WholeNumber } from '../rules/numbers';
import { Setting } from '../setting';

/** Section `workers`: when a machine counts as silent, and when it is forgotten. */
export class WorkersSettings {
  @Setting({
    describe:
      'Seconds without a share after which a connected worker is silent; a slow one has five times what its shares take',
  })
  @WholeNumber(1, 86_400)
  readonly silentAfterS: number = 600;

  @Setting({ describe: 'Hours after which a worker that is not connected is no longer listed' })
  @WholeNumber(1, 8_760)
  readonly forgetAfterH: number = 72;
}
