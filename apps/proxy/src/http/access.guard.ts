import {
  Inject,
  Injectable,
  SetMetadata,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { PROXY_CONFIG, type ProxySettings } from '@mining-proxy/config';
import { METRICS_ROUTE } from '@mining-proxy/metrics';
import { hasToken, mayAdminister, type Caller } from './access';

const OPEN_ROUTE = 'open-route';

/** Marks a route that anybody may ask. Without it a route is for administrators. */
export const Open = () => SetMetadata(OPEN_ROUTE, true);

const TOKEN_ROUTE = 'token-route';

/** Marks a route that changes something: it always needs the token, also from this machine. */
export const NeedsToken = () => SetMetadata(TOKEN_ROUTE, true);

/** Lets nobody in by default: a route is open only where it says so. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(PROXY_CONFIG) private readonly settings: ProxySettings,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    // Events of the relay pass the same guard; they come from inside.
    if (context.getType() !== 'http' || this.marked(OPEN_ROUTE, context)) return true;
    const caller = callerOf(context.switchToHttp().getRequest<Request>());
    if (this.marked(METRICS_ROUTE, context)) return this.maySeeMetrics(caller);
    if (this.marked(TOKEN_ROUTE, context)) return this.mayChange(caller);
    if (mayAdminister(caller, this.settings.adminToken)) return true;
    throw new UnauthorizedException(
      this.settings.adminToken === null
        ? 'Without an admin_token this answers only callers on the same machine.'
        : 'Send the admin_token as "Authorization: Bearer <token>".',
    );
  }

  private mayChange(caller: Caller): boolean {
    const { adminToken } = this.settings;
    if (adminToken !== null && hasToken(caller, adminToken)) return true;
    throw new UnauthorizedException(
      'This changes something: set an admin_token and send it as "Authorization: Bearer <token>".',
    );
  }

  private maySeeMetrics(caller: Caller): boolean {
    const { metricsToken } = this.settings;
    if (metricsToken === null || hasToken(caller, metricsToken)) return true;
    throw new UnauthorizedException('Send the metrics_token as "Authorization: Bearer <token>".');
  }

  private marked(key: string, context: ExecutionContext): boolean {
    return (
      this.reflector.getAllAndOverride<boolean | undefined>(key, [
        context.getHandler(),
        context.getClass(),
      ]) === true
    );
  }
}

/** What of a request counts for access. */
export function callerOf(request: Request): Caller {
  return { remoteAddress: request.socket.remoteAddress ?? '', headers: request.headers };
}
