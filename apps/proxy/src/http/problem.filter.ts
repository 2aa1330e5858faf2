import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import type { Response } from 'express';
import { LOG, type Log } from '@mining-proxy/logger';

/** Answers errors as RFC 9457 problem details. What was not meant for the caller stays in the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    // An event's handler that throws is logged by the strategy that called it.
    if (host.getType() !== 'http') throw error;
    const response = host.switchToHttp().getResponse<Response>();
    const status = error instanceof HttpException ? error.getStatus() : 500;
    if (status >= 500) this.log.error({ err: error }, 'a request failed');
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    response
      .status(status)
      .type('application/problem+json')
      .send({
        type: 'about:blank',
        title: STATUS_CODES[status] ?? 'Error',
        status,
        ...(error instanceof HttpException && isForCaller(status) ? { detail: error.message } : {}),
      });
  }
}

/** Of a path that does not exist Nest's message repeats the whole address, and what it carries. */
function isForCaller(status: number): boolean {
  return status < 500 && status !== 404;
}
