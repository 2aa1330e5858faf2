import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { YAML } from './yaml.mjs';

/**
 * The PrometheusRule is made from infra/prometheus, and never edited: `node tools/deploy/kubernetes/prometheus-rule.mjs`
 * writes it, the check of the Kubernetes files demands that it is what this would write.
 */
const root = resolve(import.meta.dirname, '../../..');
const RULES = ['mining-proxy.rules.yml', 'mining-proxy.operations.rules.yml'];

export const PROMETHEUS_RULE = resolve(root, 'infra/kubernetes/components/monitoring/prometheus-rule.yaml');

/** All groups of the rules as one object of the Prometheus operator, as text. */
export function prometheusRule() {
  const groups = RULES.flatMap((name) => {
    const text = readFileSync(resolve(root, 'infra/prometheus', name), 'utf8');
    return YAML.parse(text).groups;
  });
  const object = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'mining-proxy', labels: { 'app.kubernetes.io/name': 'mining-proxy' } },
    spec: { groups },
  };
  const from = RULES.map((name) => `infra/prometheus/${name}`).join(' and ');
  const text = YAML.stringify(object, { lineWidth: 0, singleQuote: true });
  return `# Made from ${from} by tools/deploy/kubernetes/prometheus-rule.mjs.\n${text}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PROMETHEUS_RULE, prometheusRule());
