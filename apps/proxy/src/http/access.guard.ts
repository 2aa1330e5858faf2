import {
  ForbiddenException,
  Injectable,
  SetMetadata,
  UnauthorizedException,
  createParamDecorator,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { ConfigInForce } from '@mining-proxy/config';
import { METRICS_ROUTE } from '@mining-proxy/metrics';
import { SignIns } from '../console/sign-ins';
import { Access, hasToken, mayAdminister, tokenOf, type Caller, type Holder } from './access';

const OPEN_ROUTE = 'open-route';

/** Marks a route that anybody may ask. Without it a route is for administrators. */
export const Open = () => SetMetadata(OPEN_ROUTE, true);

const TOKEN_ROUTE = 'token-route';

/** Marks a route that changes something: it always needs the token, also from this machine. */
export const NeedsToken = () => SetMetadata(TOKEN_ROUTE, true);

const CLIENT_ROUTE = 'client-route';

/** Marks a route that a client may ask with its `view_token`: it takes a `Viewer`, and answers for that client alone. */
export const ForClients = () => SetMetadata(CLIENT_ROUTE, true);

/** Who asks: an administrator, who may see all clients, or one client, who sees itself. */
export class Viewer {
  constructor(
    private readonly ownId?: string,
    /** Whether it would be let in as the same one now: its token may be taken back while it is answered. */
    readonly mayStill: () => boolean = () => true,
  ) {}

  /** The client that is answered for: the one that is asked for, or else all (undefined), as far as the viewer may. */
  clientId(asked: string | undefined): string | undefined {
    if (this.ownId === undefined || asked === undefined || asked === this.ownId) return asked ?? this.ownId;
    throw new ForbiddenException('A view_token shows its own client alone.');
  }
}

const viewers = new WeakMap<object, Viewer>();

/** The viewer of a request that has passed the guard. */
export const ViewedBy = createParamDecorator((_: unknown, context: ExecutionContext): Viewer => {
  const viewer = viewers.get(context.switchToHttp().getRequest<object>());
  if (!viewer) throw new UnauthorizedException();
  return viewer;
});

/** Lets nobody in by default: a route is open only where it says so. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly config: ConfigInForce,
    private readonly access: Access,
    private readonly signIns: SignIns,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    // Events of the relay pass the same guard; they come from inside.
    if (context.getType() !== 'http' || this.marked(OPEN_ROUTE, context)) return true;
    const request = context.switchToHttp().getRequest<Request>();
    const caller = callerOf(request);
    const { adminToken, metricsToken } = this.config.current.proxy;
    if (this.marked(METRICS_ROUTE, context)) return this.maySeeMetrics(caller, metricsToken);
    const isChange = this.marked(TOKEN_ROUTE, context);
    const holder = this.holderOf(caller, isChange);
    if (holder?.role === 'client' && !this.marked(CLIENT_ROUTE, context)) {
      throw new ForbiddenException('This needs the admin_token.');
    }
    if (holder) {
      const ownId = ownIdOf(holder);
      const mayStill = () => {
        const now = this.holderOf(caller, false);
        return now !== undefined && ownIdOf(now) === ownId;
      };
      viewers.set(request, new Viewer(ownId, mayStill));
      return true;
    }
    throw new UnauthorizedException(whatToSend(adminToken, isChange));
  }

  /** By the token, else by the cookie of a sign-in, else as somebody on this machine where no token is set. */
  private holderOf(caller: Caller, isChange: boolean): Holder | undefined {
    const token = tokenOf(caller);
    if (token !== '') return this.access.holderOf(token);
    const signedIn = this.signIns.tokenOf(caller.headers);
    if (signedIn !== undefined) {
      // A page of another site can make a browser send its cookie, and not this header.
      if (isChange && caller.headers['x-requested-with'] !== 'console') {
        throw new ForbiddenException('This changes something: send the header "X-Requested-With: console".');
      }
      return this.access.holderOf(signedIn);
    }
    const isLocal = !isChange && mayAdminister(caller, this.config.current.proxy.adminToken);
    return isLocal ? { role: 'admin' } : undefined;
  }

  private maySeeMetrics(caller: Caller, metricsToken: string | null): boolean {
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

/** The client that a holder sees; undefined for one who sees all. */
function ownIdOf(holder: Holder): string | undefined {
  return holder.role === 'client' ? holder.clientId : undefined;
}

function whatToSend(adminToken: string | null, isChange: boolean): string {
  if (isChange) {
    return 'This changes something: set an admin_token and send it as "Authorization: Bearer <token>".';
  }
  return adminToken === null
    ? 'Without an admin_token this answers only callers on the same machine.'
    : 'Send the admin_token as "Authorization: Bearer <token>".';
}

/** What of a request counts for access. */
export function callerOf(request: Request): Caller {
  return { remoteAddress: request.socket.remoteAddress ?? '', headers: request.headers };
}
