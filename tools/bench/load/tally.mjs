/** What the load saw while it was measured. */
export class Tally {
  #latencies = [];
  #jobs = [];
  #missed = 0;
  #worst = 0;
  #measuring = false;
  #cpuBefore;
  #startedAt;

  begin() {
    this.#latencies = [];
    this.#missed = 0;
    this.#measuring = true;
    this.#cpuBefore = process.cpuUsage();
    this.#startedAt = performance.now();
  }

  answer(latencyMs) {
    if (latencyMs > this.#worst) this.#worst = latencyMs;
    if (this.#measuring) this.#latencies.push(latencyMs);
  }

  /** The worst latency since this was last called. */
  takeWorst() {
    const worst = this.#worst;
    this.#worst = 0;
    return worst;
  }

  /** A share was due, and its miner still waited for the last answer. */
  missed() {
    this.#missed += 1;
  }

  /** Numbers a job that is about to be sent. */
  newJob() {
    this.#jobs.push({ counted: this.#measuring, firstAt: performance.now(), got: 0, lastAt: 0 });
    return this.#jobs.length;
  }

  gotJob(miners) {
    const job = this.#jobs.at(-1);
    job.got += 1;
    if (job.got === miners) job.lastAt = performance.now();
  }

  /** Figures since `begin`; times are milliseconds. */
  end(miners) {
    this.#measuring = false;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const cpu = process.cpuUsage(this.#cpuBefore);
    const latencies = this.#latencies.sort((a, b) => a - b);
    const jobs = this.#jobs.filter((job) => job.counted);
    const fanOuts = jobs.filter((job) => job.lastAt > 0).map((job) => job.lastAt - job.firstAt);
    fanOuts.sort((a, b) => a - b);
    const messages = 2 * latencies.length + jobs.length * miners;
    return {
      seconds,
      messages,
      messagesPerSecond: messages / seconds,
      missed: this.#missed / (latencies.length + this.#missed),
      jobsIncomplete: jobs.length - fanOuts.length,
      p50: at(latencies, 0.5),
      p99: at(latencies, 0.99),
      most: latencies.at(-1) ?? null,
      fanOut: at(fanOuts, 0.5),
      loadBusy: (cpu.user + cpu.system) / 1e6 / seconds,
    };
  }
}

function at(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
}
