import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiResponse, getSchemaPath } from '@nestjs/swagger';

/** One thing wrong with a configuration. */
export class ConfigFaultDetail {
  @ApiProperty({ description: 'Its path in the file, or the environment variable' })
  path!: string;

  @ApiProperty({ description: 'What belongs there' })
  expected!: string;

  @ApiProperty({ required: false, description: 'What was there; absent for secrets' })
  got?: string;
}

/** An error as RFC 9457 has it. */
export class Problem {
  @ApiProperty({ example: 'about:blank', description: 'Always the same: the status says what it is' })
  type!: string;

  @ApiProperty({ description: "The status' name", example: 'Bad Request' })
  title!: string;

  @ApiProperty({ description: 'As in the first line of the answer', example: 400 })
  status!: number;

  @ApiProperty({
    required: false,
    description: 'What to do about it. Absent where that is for the log only, as in every 5xx',
  })
  detail?: string;

  @ApiProperty({ required: false, type: [ConfigFaultDetail], description: 'With 422: every fault' })
  faults?: readonly ConfigFaultDetail[];
}

const text = (description: string) => ({ description, schema: { type: 'string' as const } });

const PROBLEMS = {
  400: { description: 'A parameter cannot be used' },
  401: {
    description: 'The token is missing or wrong, or without one the caller is not on this machine',
    headers: { 'WWW-Authenticate': text('Bearer') },
  },
  403: { description: "The token is a client's `view_token`, which shows that client alone" },
  404: { description: 'There is nothing of this name' },
  409: { description: 'The month cannot be closed yet: it is not over, or a journal is not folded so far' },
  422: { description: 'The configuration has faults, each of which is named; the one before goes on' },
  429: {
    description: 'Too many requests of one address',
    headers: { 'Retry-After': text('Seconds until the next request is answered') },
  },
  500: { description: 'A fault of the proxy: its log has it' },
  503: { description: 'The ledger cannot be asked at the moment' },
};

/** Describes the errors that a route answers as problem details; 500 is among those of every route. */
export function ApiProblems(...statuses: readonly (keyof typeof PROBLEMS)[]) {
  const content = { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } };
  return applyDecorators(
    ApiExtraModels(Problem),
    ...([...statuses, 500] as const).map((status) => ApiResponse({ status, ...PROBLEMS[status], content })),
  );
}
