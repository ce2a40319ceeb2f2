"""Every name that a manifest mentions must be there: ConfigMaps, Secrets and keys, claims, accounts, Services, ports."""

from collections.abc import Iterator
from typing import Any

from deploy.k8s.cluster import Cluster, Pods


def problems(cluster: Cluster) -> Iterator[str]:
    for pods in cluster.pods:
        for problem in [*_account(cluster, pods), *_volumes(cluster, pods), *_environment(cluster, pods)]:
            yield f"{pods.name}: {problem}"
    yield from _services(cluster)
    yield from _disruption_budgets(cluster)
    yield from _ingresses(cluster)
    yield from _scalers(cluster)
    yield from _unused(cluster)


def _account(cluster: Cluster, pods: Pods) -> Iterator[str]:
    account = pods.spec.get("serviceAccountName")
    if account not in cluster.names("ServiceAccount"):
        yield f"there is no ServiceAccount {account}"


def _volumes(cluster: Cluster, pods: Pods) -> Iterator[str]:
    volumes = {volume["name"]: volume for volume in pods.spec.get("volumes", [])}
    for volume in volumes.values():
        claim = volume.get("persistentVolumeClaim", {}).get("claimName")
        if claim and claim not in cluster.names("PersistentVolumeClaim"):
            yield f"there is no PersistentVolumeClaim {claim}"
        config = volume.get("configMap", {}).get("name")
        if config and config not in cluster.names("ConfigMap"):
            yield f"there is no ConfigMap {config}"
    mounted = {
        m["name"] for c in [*pods.init_containers, *pods.containers] for m in c.get("volumeMounts", [])
    }
    for name in sorted(mounted - volumes.keys() - pods.claims):
        yield f"mounts {name}, which is no volume"
    for name in sorted((volumes.keys() | pods.claims) - mounted):
        yield f"mounts its volume {name} nowhere"


def _environment(cluster: Cluster, pods: Pods) -> Iterator[str]:
    for container in [*pods.init_containers, *pods.containers]:
        for source in container.get("envFrom", []):
            yield from _source(cluster, source)
        for variable in container.get("env", []):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference and reference["key"] not in _secret(cluster, reference["name"]):
                yield f"no key {reference['key']} of Secret {reference['name']} in secrets.example.yaml"


def _source(cluster: Cluster, source: dict[str, Any]) -> Iterator[str]:
    config = source.get("configMapRef", {}).get("name")
    if config and config not in cluster.names("ConfigMap"):
        yield f"there is no ConfigMap {config}"
    secret = source.get("secretRef", {}).get("name")
    if secret and secret not in cluster.secrets:
        yield f"there is no Secret {secret} in secrets.example.yaml"


def _secret(cluster: Cluster, name: str) -> dict[str, str]:
    data: dict[str, str] = cluster.secrets.get(name, {}).get("stringData", {})
    return data


def _services(cluster: Cluster) -> Iterator[str]:
    for service in cluster.of_kind("Service"):
        name = service["metadata"]["name"]
        pods = cluster.matching({"matchLabels": service["spec"]["selector"]})
        if len(pods) != 1:
            yield f"Service {name}: selects the pods of {[p.name for p in pods]} instead of one"
            continue
        for port in service["spec"]["ports"]:
            if pods[0].port(port["targetPort"]) != port["port"]:
                yield f"Service {name}: its pods have no port {port['targetPort']} numbered {port['port']}"


def _disruption_budgets(cluster: Cluster) -> Iterator[str]:
    covered = [
        pods.name
        for budget in cluster.of_kind("PodDisruptionBudget")
        for pods in cluster.matching(budget["spec"]["selector"])
    ]
    for pods in cluster.pods:
        if covered.count(pods.name) != 1:
            yield f"{pods.name}: has {covered.count(pods.name)} PodDisruptionBudgets instead of one"


def _ingresses(cluster: Cluster) -> Iterator[str]:
    for ingress in cluster.of_kind("Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                target = path["backend"]["service"]
                service = cluster.get("Service", target["name"]) or {"spec": {"ports": []}}
                if target["port"].get("name") not in {port["name"] for port in service["spec"]["ports"]}:
                    yield f"Ingress: {path['path']} leads to {target['name']}, which has no such Service or port"


def _scalers(cluster: Cluster) -> Iterator[str]:
    deployments = cluster.names("Deployment")
    scaled: list[str] = []
    for scaler in [*cluster.of_kind("HorizontalPodAutoscaler"), *cluster.of_kind("ScaledObject")]:
        name = scaler["spec"]["scaleTargetRef"]["name"]
        scaled.append(name)
        if name not in deployments:
            yield f"{scaler['kind']} {scaler['metadata']['name']}: there is no Deployment {name}"
    for name in sorted({name for name in scaled if scaled.count(name) > 1}):
        yield f"{name}: is scaled by two, which pull in two directions"


def _unused(cluster: Cluster) -> Iterator[str]:
    mentioned = repr([pods.spec for pods in cluster.pods])
    for kind in ("ConfigMap", "PersistentVolumeClaim", "ServiceAccount"):
        for name in sorted(cluster.names(kind)):
            if f"'{name}'" not in mentioned:
                yield f"{kind} {name}: nothing uses it"
    for name, secret in cluster.secrets.items():
        if f"'{name}'" not in mentioned:
            yield f"Secret {name}: nothing uses it"
        for key, value in secret["stringData"].items():
            if value and not value.startswith("sqlite+aiosqlite:///"):
                yield f"Secret {name}: the example has a value for {key}"
