import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import type { Response } from 'express';
import { LedgerError } from '@mining-proxy/billing';
import { ConfigError } from '@mining-proxy/config';
import { LOG, type Log } from '@mining-proxy/logger';
import { ParameterError } from '../billing/parameters';
import type { Problem } from './problem.dto';

/** Answers errors as RFC 9457 problem details. What was not meant for the caller stays in the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    // An event's handler that throws is logged by the strategy that called it.
    if (host.getType() !== 'http') throw error;
    const response = host.switchToHttp().getResponse<Response>();
    const status = statusOf(error);
    if (status >= 500) this.log.error({ err: error }, 'a request failed');
    if (response.headersSent) {
      // The answer had begun: all that can still be said is that it did not end.
      response.destroy();
      return;
    }
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    const problem: Problem = {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      ...(error instanceof Error && isForCaller(status) ? { detail: error.message } : {}),
      ...(error instanceof ConfigError ? { faults: error.faults } : {}),
    };
    response.status(status).type('application/problem+json').send(problem);
  }
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof ParameterError) return 400;
  if (error instanceof ConfigError) return 422;
  if (!(error instanceof LedgerError)) return 500;
  if (error.code === 'BAD_QUERY') return 400;
  return error.code === 'PERIOD_NOT_READY' ? 409 : 503;
}

/** Of a path that does not exist Nest's message repeats the whole address, and what it carries. */
function isForCaller(status: number): boolean {
  return status < 500 && status !== 404;
}
