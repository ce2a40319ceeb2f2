"""Rendered manifests as one thing that the checks ask questions of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.k8s.rendering import RenderError, Resource


@dataclass(frozen=True)
class Pods:
    """The pods of a Deployment or StatefulSet."""

    name: str
    labels: Mapping[str, str]
    spec: Mapping[str, Any]
    claims: frozenset[str]
    """Names of its volumeClaimTemplates."""

    @property
    def init_containers(self) -> list[dict[str, Any]]:
        return list(self.spec.get("initContainers", []))

    @property
    def containers(self) -> list[dict[str, Any]]:
        return list(self.spec.get("containers", []))

    @property
    def ports(self) -> dict[str, int]:
        return {port["name"]: port["containerPort"] for c in self.containers for port in c.get("ports", [])}

    def port(self, port: str | int) -> int | None:
        """The number of a port named or numbered; None when no container has it."""
        number = self.ports.get(port) if isinstance(port, str) else port
        return number if number in self.ports.values() else None


class Cluster:
    """All resources of one rendering, and the Secrets that an operator makes by the example."""

    def __init__(self, resources: list[Resource], secrets: list[Resource]) -> None:
        self.resources = resources
        self.secrets = {secret["metadata"]["name"]: secret for secret in secrets}
        self.pods = [_pods(r) for r in resources if r["kind"] in {"Deployment", "StatefulSet"}]

    def of_kind(self, kind: str) -> Iterator[Resource]:
        return (resource for resource in self.resources if resource["kind"] == kind)

    def names(self, kind: str) -> set[str]:
        return {resource["metadata"]["name"] for resource in self.of_kind(kind)}

    def get(self, kind: str, name: str) -> Resource | None:
        return next((r for r in self.of_kind(kind) if r["metadata"]["name"] == name), None)

    def matching(self, selector: Mapping[str, Any]) -> list[Pods]:
        """The pods with all `matchLabels` of `selector` (every pod, if it has none)."""
        if strange := selector.keys() - {"matchLabels"}:
            raise RenderError(f"cannot tell which pods {', '.join(strange)} select")
        wanted = selector.get("matchLabels", {})
        return [pods for pods in self.pods if wanted.items() <= pods.labels.items()]


def _pods(resource: Resource) -> Pods:
    template = resource["spec"]["template"]
    claims = resource["spec"].get("volumeClaimTemplates", [])
    return Pods(
        name=resource["metadata"]["name"],
        labels=template["metadata"]["labels"],
        spec=template["spec"],
        claims=frozenset(claim["metadata"]["name"] for claim in claims),
    )
