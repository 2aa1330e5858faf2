import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Node has no datagram sockets of the UNIX kind. A shell that waits for lines costs the event loop nothing, where a process
 * started for each message would hold it up each time.
 */
const RELAY_LINES = 'while IFS= read -r line; do systemd-notify --pid="$PPID" "$line" || exit 1; done';

/** Tells systemd how the service stands (sd_notify(3)), where it asked to be told: in `NOTIFY_SOCKET`. */
export class ServiceNotifier {
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly failed: (error: Error) => void,
  ) {}

  /** It serves. From now on the watchdog, where there is one, hears twice in its time that the event loop turns. */
  ready(status: string): void {
    this.tell('READY=1');
    this.tell(`STATUS=${status}`);
    const everyMs = this.watchdogMs / 2;
    if (everyMs > 0) this.timer = setInterval(() => this.tell('WATCHDOG=1'), everyMs);
  }

  /** It has begun to end. */
  stopping(): void {
    this.tell('STOPPING=1');
    this.tell('STATUS=draining');
  }

  /** Nothing more is told. */
  close(): void {
    clearInterval(this.timer);
    this.child?.stdin?.end();
  }

  private get watchdogMs(): number {
    const { WATCHDOG_USEC: time, WATCHDOG_PID: meant } = this.env;
    if (time === undefined || (meant !== undefined && meant !== String(process.pid))) return 0;
    const ms = Number(time) / 1000;
    return Number.isFinite(ms) ? ms : 0;
  }

  private tell(message: string): void {
    if ((this.env.NOTIFY_SOCKET ?? '') === '') return;
    this.child ??= this.start();
    this.child.stdin?.write(`${message}\n`);
  }

  private start(): ChildProcess {
    const child = spawn('/bin/sh', ['-c', RELAY_LINES], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: this.env,
    });
    child.on('error', this.failed);
    child.stdin.on('error', this.failed);
    child.on('exit', (code) => {
      if (code !== 0 && code !== null) this.failed(new Error(`systemd-notify ended with ${code}`));
    });
    child.unref();
    return child;
  }
}
