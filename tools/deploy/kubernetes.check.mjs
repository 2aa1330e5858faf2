import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { generate } from 'selfsigned';
import { attempt, output, root, textOf } from './commands.mjs';
import { fieldsThatDoNotExist } from './kubernetes/fields.mjs';
import { kubectl, kubectlMissing } from './kubernetes/kubectl.mjs';
import { prometheusRule, PROMETHEUS_RULE } from './kubernetes/prometheus-rule.mjs';
import { schemaOf } from './kubernetes/schemas.mjs';
import { parseManifests, YAML } from './kubernetes/yaml.mjs';

export const name = 'Kubernetes: every overlay renders, fits the schemas, and its configuration is taken';

const KUBERNETES = 'infra/kubernetes';
const PROXY = 'mining-proxy';

export function needs() {
  return kubectlMissing();
}

export async function run(assert) {
  assert.equal(textOf(PROMETHEUS_RULE), prometheusRule(), 'run tools/deploy/kubernetes/prometheus-rule.mjs');
  const secrets = parseManifests(textOf(`${KUBERNETES}/secret.example.yaml`));
  const [secret] = secrets;
  const overlays = readdirSync(resolve(root, KUBERNETES, 'overlays'));
  assert.deepEqual(overlays.sort(), ['durable', 'durable-postgres', 'failover-tls', 'postgres', 'simulator']);
  const rendered = new Map(overlays.map((overlay) => [overlay, render(assert, overlay)]));

  const objects = [...secrets, ...[...rendered.values()].flat()];
  for (const object of objects)
    assert.equal(faultOf(object), undefined, `${object.kind} ${object.metadata.name}`);
  assert.deepEqual(fieldsThatDoNotExist(objects), []);
  findsPlantedFaults(assert, rendered.get('postgres'));

  for (const [overlay, manifests] of rendered) {
    const cluster = new Manifests(overlay, manifests);
    stopsInTime(assert, cluster);
    standsApart(assert, cluster);
    isLockedDown(assert, manifests);
    isClosedToOthers(assert, cluster);
    scalesBySessions(assert, cluster);
    isReferredTo(assert, cluster, secret);
    letsThePoolsThrough(assert, cluster);
    listensWhereMinersCome(assert, cluster);
    mountsItsCertificates(assert, cluster, secrets);
    await isAccepted(assert, cluster, secret);
  }
  keepsUsage(assert, rendered);
  hasASpare(assert, new Manifests('failover-tls', rendered.get('failover-tls')));
}

/** One overlay's objects, by kind and name. */
class Manifests {
  constructor(overlay, manifests) {
    this.overlay = overlay;
    this.all = manifests;
    this.workload = manifests.find(
      ({ kind, metadata }) => ['Deployment', 'StatefulSet'].includes(kind) && metadata.name === PROXY,
    );
    this.pod = this.workload.spec.template;
    this.container = this.pod.spec.containers[0];
    this.configMap = manifests.find(({ kind }) => kind === 'ConfigMap');
    this.config = JSON.parse(this.configMap.data['config.json']);
    const { proxy } = this.config;
    this.pools = this.config.pools ?? [{ port: proxy.pool_port }];
    this.listeners = this.config.listeners ?? [{ bind_port: 3333 }];
  }

  find = (kind, name = PROXY) =>
    this.all.find((object) => object.kind === kind && object.metadata.name === name);
}

/** What kustomize warns of is a fault too. */
function render(assert, overlay) {
  const { status, stdout, stderr } = attempt(kubectl(), ['kustomize', `${KUBERNETES}/overlays/${overlay}`]);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return parseManifests(stdout);
}

function faultOf(object) {
  try {
    new (schemaOf(object))(object).validate();
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** A check that finds nothing must be able to find something. */
function findsPlantedFaults(assert, manifests) {
  const plant = (kind, change) => {
    const copy = JSON.parse(JSON.stringify(manifests.find((object) => object.kind === kind)));
    change(copy.spec);
    return copy;
  };
  const wrongType = plant('Deployment', (spec) => (spec.minReadySeconds = 'ten'));
  assert.match(faultOf(wrongType), /minReadySeconds/);
  const missing = plant('ServiceMonitor', (spec) => delete spec.selector);
  assert.match(faultOf(missing), /selector/);
  const misspelt = plant('Deployment', (spec) => (spec.template.spec.containers[0].livenesProbe = {}));
  assert.match(fieldsThatDoNotExist([misspelt]).join('\n'), /livenesProbe/);
}

function stopsInTime(assert, { pod, container, config }) {
  const sleep = container.lifecycle.preStop.sleep.seconds;
  const drain = config.proxy.drain_timeout_ms / 1000;
  assert.ok(pod.spec.terminationGracePeriodSeconds >= sleep + drain + 10);
  assert.equal(container.livenessProbe.httpGet.path, '/healthz');
  assert.equal(container.readinessProbe.httpGet.path, '/readyz');
  assert.equal(container.startupProbe.httpGet.path, '/healthz');
}

/** One node or zone that fails, or is drained, takes one pod's miners along and no more. */
function standsApart(assert, { pod, find }) {
  const { podAntiAffinity } = pod.spec.affinity;
  const [{ podAffinityTerm }] = podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
  assert.equal(podAffinityTerm.topologyKey, 'kubernetes.io/hostname');
  const [spread] = pod.spec.topologySpreadConstraints;
  assert.equal(spread.topologyKey, 'topology.kubernetes.io/zone');
  for (const { labelSelector } of [podAffinityTerm, spread]) {
    assert.deepEqual(labelSelector.matchLabels, { 'app.kubernetes.io/name': PROXY });
  }
  assert.equal(find('PodDisruptionBudget').spec.maxUnavailable, 1);
}

/** Every pod, the simulator's too: the namespace enforces the restricted standard. */
function isLockedDown(assert, manifests) {
  const pods = manifests.flatMap(({ spec }) => spec?.template?.spec ?? []);
  for (const { securityContext, automountServiceAccountToken, containers } of pods) {
    assert.equal(securityContext.runAsNonRoot, true);
    assert.ok(securityContext.runAsUser > 0);
    assert.equal(securityContext.seccompProfile.type, 'RuntimeDefault');
    assert.equal(automountServiceAccountToken, false);
    for (const { securityContext: own, resources } of containers) {
      assert.equal(own.allowPrivilegeEscalation, false);
      assert.equal(own.readOnlyRootFilesystem, true);
      assert.deepEqual(own.capabilities, { drop: ['ALL'] });
      assert.ok(resources.requests.memory && resources.limits.memory);
    }
  }
}

/** Miners come from anywhere; the HTTP side is for the monitoring alone. */
function isClosedToOthers(assert, { find }) {
  const { labels } = find('Namespace').metadata;
  assert.equal(labels['pod-security.kubernetes.io/enforce'], 'restricted');
  const { ingress } = find('NetworkPolicy').spec;
  const mayReach = (name) => ingress.filter(({ ports }) => ports.some(({ port }) => port === name));
  assert.deepEqual(mayReach('stratum'), [{ ports: [{ port: 'stratum' }] }]);
  const monitoring = { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } };
  assert.deepEqual(mayReach('http'), [
    { from: [{ namespaceSelector: monitoring }], ports: [{ port: 'http' }] },
  ]);
  assert.equal(find('Service', `${PROXY}-admin`).spec.type ?? 'ClusterIP', 'ClusterIP');
}

/** By a metric that the proxy has and the adapter serves; down slowly, since that ends sessions. */
function scalesBySessions(assert, { find, workload, config }) {
  const scaler = find('HorizontalPodAutoscaler');
  if (!scaler) {
    assert.ok(workload.spec.replicas >= 2);
    return;
  }
  const { scaleTargetRef, metrics, behavior } = scaler.spec;
  assert.equal(scaleTargetRef.kind, workload.kind);
  assert.equal(workload.spec.replicas, undefined);
  const [{ pods }] = metrics;
  assert.equal(Number(pods.target.averageValue), config.proxy.max_connections * 0.7);
  const adapter = YAML.parse(textOf(`${KUBERNETES}/components/autoscaling/prometheus-adapter.values.yaml`));
  const [{ seriesQuery }] = adapter.rules.custom;
  assert.equal(seriesQuery.split('{')[0], pods.metric.name);
  assert.ok(textOf('README.md').includes(`\`${pods.metric.name}\``));
  assert.ok(behavior.scaleDown.stabilizationWindowSeconds >= 3600);
  assert.deepEqual(behavior.scaleDown.policies, [{ type: 'Pods', value: 1, periodSeconds: 1800 }]);
}

/** Names that one object has of another. The API takes them whatever they are. */
function isReferredTo(assert, cluster, secret) {
  const { all, workload, pod, container, configMap } = cluster;
  const labels = Object.entries(pod.metadata.labels);
  const selects = (selector) =>
    Object.entries(selector).every(([key, value]) => labels.some(([k, v]) => k === key && v === value));
  const ports = new Map(container.ports.map(({ name: port, containerPort }) => [port, containerPort]));

  const service = cluster.find('Service');
  const admin = cluster.find('Service', 'mining-proxy-admin');
  for (const { spec } of [service, admin]) {
    assert.ok(selects(spec.selector));
    for (const { targetPort } of spec.ports) assert.ok(ports.has(targetPort));
  }
  assert.equal(service.spec.externalTrafficPolicy, 'Local');
  assert.ok(selects(workload.spec.selector.matchLabels));
  assert.ok(selects(cluster.find('PodDisruptionBudget').spec.selector.matchLabels));
  assert.ok(selects(cluster.find('NetworkPolicy').spec.podSelector.matchLabels));
  assert.ok(cluster.find('ServiceAccount', pod.spec.serviceAccountName));

  const volumes = [
    ...(pod.spec.volumes ?? []),
    ...(workload.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata),
  ];
  const mounted = container.volumeMounts.map(({ name: mount }) => mount);
  assert.deepEqual(mounted.sort(), volumes.map(({ name: volume }) => volume).sort());
  assert.ok(volumes.some((volume) => volume.configMap?.name === configMap.metadata.name));
  for (const { valueFrom } of container.env) {
    const reference = valueFrom?.secretKeyRef;
    if (!reference) continue;
    assert.equal(reference.name, secret.metadata.name);
    assert.ok(reference.key in secret.stringData);
  }

  const monitor = cluster.find('ServiceMonitor');
  if (monitor) {
    const wanted = Object.entries(monitor.spec.selector.matchLabels);
    const matching = all.filter(
      ({ kind, metadata }) =>
        kind === 'Service' && wanted.every(([key, value]) => metadata.labels?.[key] === value),
    );
    assert.deepEqual(matching, [admin]);
    assert.equal(monitor.spec.endpoints[0].port, admin.spec.ports[0].name);
  }
}

function letsThePoolsThrough(assert, cluster) {
  const anywhere = cluster.find('NetworkPolicy').spec.egress.filter(({ to }) => !to);
  const ports = anywhere.flatMap((rule) => rule.ports.map(({ port }) => port));
  for (const { port } of cluster.pools) assert.ok(ports.includes(port), `${port} is not let out`);
  assert.equal(
    ports.includes(5432),
    cluster.container.env.some(({ name: key }) => key === 'DATABASE_URL'),
  );
}

/** Each listener has its port in the pod, the Service and the policy, and none of them has one more. */
function listensWhereMinersCome(assert, { container, find, listeners }) {
  const bound = listeners.map(({ bind_port }) => bind_port);
  const named = container.ports.filter(({ name: port }) => port !== 'http');
  assert.deepEqual(
    named.map(({ containerPort }) => containerPort),
    bound,
  );
  const { ports } = find('Service').spec;
  assert.deepEqual(
    ports.map(({ port, targetPort }) => [port, targetPort]),
    named.map(({ name: port, containerPort }) => [containerPort, port]),
  );
  const anybody = find('NetworkPolicy').spec.ingress.filter(({ from }) => !from);
  assert.deepEqual(
    anybody.flatMap((rule) => rule.ports.map(({ port }) => port)),
    named.map(({ name: port }) => port),
  );
}

/** Files of a listener's TLS are those of a Secret that user 1000 may read and that changes while the pod runs. */
function mountsItsCertificates(assert, { pod, container, listeners }, secrets) {
  for (const { cert_file, key_file } of listeners.flatMap(({ tls }) => tls ?? [])) {
    const mount = container.volumeMounts.find(({ mountPath }) => mountPath === dirname(cert_file));
    assert.equal(dirname(key_file), mount?.mountPath);
    assert.equal(mount.subPath, undefined);
    const { secret } = pod.spec.volumes.find(({ name: volume }) => volume === mount.name);
    const { type, stringData } = secrets.find(({ metadata }) => metadata.name === secret.secretName);
    assert.equal(type, 'kubernetes.io/tls');
    assert.deepEqual([cert_file, key_file].map((file) => basename(file)).sort(), Object.keys(stringData));
    assert.equal(secret.items, undefined);
    assert.equal(secret.optional, undefined);
    assert.equal(secret.defaultMode, 0o440);
    assert.equal(pod.spec.securityContext.fsGroup, pod.spec.securityContext.runAsGroup);
  }
}

/** The program itself judges the file, in the environment that the pod gives it, with a certificate where it mounts one. */
async function isAccepted(assert, { container, config, listeners }, secret) {
  const directory = mkdtempSync(join(tmpdir(), 'config-map-'));
  try {
    const file = join(directory, 'config.json');
    for (const { tls } of listeners) if (tls) await makeCertificate(tls, directory);
    writeFileSync(file, JSON.stringify(config));
    const given = container.env.map(({ name: key, value, valueFrom }) => [
      key,
      value ?? (valueFrom.fieldRef ? 'mining-proxy-0' : secret.stringData[valueFrom.secretKeyRef.key]),
    ]);
    const env = { PATH: process.env.PATH, ...Object.fromEntries(given), CONFIG_FILE: file };
    const program = resolve(root, 'dist/apps/proxy/main.js');
    assert.equal(output(process.execPath, [program, '--check-config'], { env }), 'configuration ok\n');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Files in the directory, under their own names, which the listener's settings name from then on. */
async function makeCertificate(tls, directory) {
  const made = await generate([{ name: 'commonName', value: PROXY }], { keyType: 'ec', algorithm: 'sha256' });
  for (const [key, content] of [
    ['cert_file', made.cert],
    ['key_file', made.private],
  ]) {
    tls[key] = join(directory, basename(tls[key]));
    writeFileSync(tls[key], content);
  }
}

/** Miners come with TLS and without; a second pool serves where the first does not. */
function hasASpare(assert, { pools, listeners }) {
  assert.deepEqual(
    pools.map(({ priority = 0 }) => priority),
    [0, 1],
  );
  assert.deepEqual(
    listeners.map(({ tls }) => tls !== undefined),
    [false, true],
  );
}

/** The difference that the overlays are there for. */
function keepsUsage(assert, rendered) {
  for (const [overlay, manifests] of rendered) {
    const { workload, pod } = new Manifests(overlay, manifests);
    const isDurable = ['durable', 'durable-postgres', 'failover-tls'].includes(overlay);
    assert.equal(workload.kind, isDurable ? 'StatefulSet' : 'Deployment');
    const data = pod.spec.volumes.find(({ name: volume }) => volume === 'data');
    assert.equal(data?.emptyDir !== undefined, !isDurable);
    assert.equal(workload.spec.volumeClaimTemplates?.[0].metadata.name, isDurable ? 'data' : undefined);
  }
}
