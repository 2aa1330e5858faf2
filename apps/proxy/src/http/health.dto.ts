import { ApiProperty } from '@nestjs/swagger';
import type { ReadinessReport } from './readiness';

/** The process is alive. */
export class HealthAnswer {
  @ApiProperty({ enum: ['ok'] })
  status!: 'ok';
}

/** Whether new miners may be sent here. */
export class ReadinessAnswer implements ReadinessReport {
  @ApiProperty({ description: 'true with 200, false with 503' })
  ready!: boolean;

  @ApiProperty({ type: [String], description: 'Why not; empty when ready' })
  reasons!: readonly string[];

  @ApiProperty({
    type: [String],
    description: 'What is wrong without being a reason to send miners elsewhere',
  })
  warnings!: readonly string[];
}
