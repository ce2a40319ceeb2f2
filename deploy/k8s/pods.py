"""What every pod and container must have: probes, resources, confinement (SECURITY 30), time to stop (RELIABILITY 13)."""

from collections.abc import Iterator
from typing import Any

import msgspec

from common.settings import SharedSettings
from deploy.k8s.cluster import Cluster, Pods

PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
DEFAULT_GRACE = next(f.default for f in msgspec.structs.fields(SharedSettings) if f.name == "shutdown_grace")
SERVICE_PROBES = {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}


def problems(cluster: Cluster) -> Iterator[str]:
    for pods in cluster.pods:
        for problem in [*_pod(pods), *_containers(pods), *_stop(cluster, pods)]:
            yield f"{pods.name}: {problem}"


def is_service(pods: Pods) -> bool:
    return pods.labels.get("app.kubernetes.io/component") == "service"


def _pod(pods: Pods) -> Iterator[str]:
    context = pods.spec.get("securityContext", {})
    if context.get("runAsNonRoot") is not True or not context.get("runAsUser"):
        yield "its pods may run as root"
    if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "its pods have no seccomp profile"
    if pods.spec.get("automountServiceAccountToken") is not False:
        yield "its pods carry a token of the Kubernetes API"
    if pods.spec.get("enableServiceLinks") is not False:
        yield "Services become environment variables, which collide with settings (API_PORT)"


def _containers(pods: Pods) -> Iterator[str]:
    for container in [*pods.init_containers, *pods.containers]:
        for problem in _container(container):
            yield f"container {container['name']}: {problem}"
    for container in pods.containers:
        for probe in PROBES:
            for problem in _probe(pods, probe, container.get(probe)):
                yield f"container {container['name']}: {problem}"


def _container(container: dict[str, Any]) -> Iterator[str]:
    resources = container.get("resources", {})
    if not {"cpu", "memory"} <= resources.get("requests", {}).keys():
        yield "requests no CPU or no memory"
    if "memory" not in resources.get("limits", {}):
        yield "has no limit of memory"
    context = container.get("securityContext", {})
    if context.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges"
    if context.get("readOnlyRootFilesystem") is not True:
        yield "may write to its root"
    if context.get("capabilities", {}).get("drop") != ["ALL"] or context.get("capabilities", {}).get("add"):
        yield "has capabilities"
    tag = container["image"].rpartition("/")[2].partition(":")[2]
    if tag in {"", "latest"}:
        yield f"image {container['image']} names no release"


def _probe(pods: Pods, name: str, probe: dict[str, Any] | None) -> Iterator[str]:
    if probe is None:
        yield f"has no {name}"
        return
    http = probe.get("httpGet", {})
    if pods.port(http.get("port", "")) is None:
        yield f"{name} asks port {http.get('port')}, which it does not have"
    if is_service(pods) and http.get("path") != SERVICE_PROBES[name]:
        yield f"{name} asks {http.get('path')} instead of {SERVICE_PROBES[name]}"


def _stop(cluster: Cluster, pods: Pods) -> Iterator[str]:
    """A service must have longer to stop than it takes: until proxies know, then its own grace."""
    if not is_service(pods):
        return
    settings = (cluster.get("ConfigMap", "settings") or {}).get("data", {})
    grace = float(settings.get("RESUMAX_SHUTDOWN_GRACE", DEFAULT_GRACE))
    for container in pods.containers:
        pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        if not pause:
            yield "stops before proxies know of it (preStop sleep)"
        if pods.spec.get("terminationGracePeriodSeconds", 30) <= pause + grace:
            yield f"is killed before its {pause} s of notice and {grace:.0f} s of grace are over"
