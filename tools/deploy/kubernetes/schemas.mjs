import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The module of the models that describes a kind, for instance `kubernetes-models/apps/v1/Deployment`. */
export function modelOf({ apiVersion, kind }) {
  const path = `${apiVersion}/${kind}`;
  return apiVersion.startsWith('monitoring.coreos.com/')
    ? `@kubernetes-models/prometheus-operator/${path}`
    : `kubernetes-models/${path}`;
}

/** The model of an object's kind; it can validate itself, types and required fields, but not unknown ones. */
export function schemaOf(object) {
  return require(modelOf(object))[object.kind];
}
