"""Who can reach whom: the public door is the gateway's, and every way out of a pod is a way into another."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.k8s.cluster import Cluster, Pods

INTERNAL = ("/internal", "/metrics", "/healthz", "/readyz")
BUCKETS = {"/resume-assets", "/resume-exports", "/resume-static", "/account-files"}

Edge = tuple[str, str, int]
"""From whose pods, to whose, on which port."""


def problems(cluster: Cluster, caddyfile: Path) -> Iterator[str]:
    yield from _public_paths(cluster, caddyfile)
    yield from _policies(cluster)


def gateway_paths(caddyfile: Path) -> dict[str, set[str]]:
    """The path prefixes that the gateway routes, by service."""
    routed = re.findall(r"^\s*@(\w+) path (.+)$", caddyfile.read_text(), re.MULTILINE)
    return {name: {path.removesuffix("/*") for path in paths.split()} for name, paths in routed}


def _public_paths(cluster: Cluster, caddyfile: Path) -> Iterator[str]:
    services = {pods.name for pods in cluster.pods}
    wanted = {name: paths for name, paths in gateway_paths(caddyfile).items() if name in services}
    wanted["s3"] = BUCKETS
    public: dict[str, set[str]] = {}
    for ingress in cluster.of_kind("Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                public.setdefault(path["backend"]["service"]["name"], set()).add(path["path"])
                if path["path"] == "/" or path["path"].startswith(INTERNAL):
                    yield f"Ingress: {path['path']} makes internal routes public"
    for name in sorted(wanted.keys() | public.keys()):
        here, there = public.get(name, set()), wanted.get(name, set())
        for path in sorted(here ^ there):
            yield f"Ingress: {path} of {name} is public {'only here' if path in here else 'but not here'}"


def _policies(cluster: Cluster) -> Iterator[str]:
    out: set[Edge] = set()
    into: set[Edge] = set()
    denied = False
    for policy in cluster.of_kind("NetworkPolicy"):
        spec = policy["spec"]
        chosen = cluster.matching(spec["podSelector"])
        if not chosen:
            yield f"NetworkPolicy {policy['metadata']['name']}: selects no pods"
        denied |= spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
        for direction, edges in (("Ingress", into), ("Egress", out)):
            if spec.get(direction.lower()) and direction not in spec["policyTypes"]:
                yield f"NetworkPolicy {policy['metadata']['name']}: has rules but no policyType {direction}"
            for rule in spec.get(direction.lower(), []):
                for problem in _rule(cluster, chosen, direction, rule, edges):
                    yield f"NetworkPolicy {policy['metadata']['name']}: {problem}"
    if not denied:
        yield "NetworkPolicy: none denies everything that no other allows"
    for source, target, port in sorted(out - into):
        yield f"NetworkPolicy: {source} may call {target}:{port}, but {target} does not let it in"
    for source, target, port in sorted(into - out):
        yield f"NetworkPolicy: {target}:{port} lets {source} in, but {source} may not call it"


def _rule(
    cluster: Cluster, chosen: list[Pods], direction: str, rule: dict[str, Any], edges: set[Edge]
) -> Iterator[str]:
    """Put the edges inside the namespace into `edges`; peers elsewhere are not ours to know."""
    for peer in rule.get("from" if direction == "Ingress" else "to", []):
        if "podSelector" not in peer or "namespaceSelector" in peer:
            continue
        others = cluster.matching(peer["podSelector"])
        if not others:
            yield f"a peer {peer['podSelector']} that is no pod's"
        sources, targets = (others, chosen) if direction == "Ingress" else (chosen, others)
        for target in targets:
            numbers = _numbers(target, rule.get("ports", []))
            if not numbers:
                yield f"{target.name} has none of the ports {rule.get('ports')}"
            edges |= {(source.name, target.name, number) for source in sources for number in numbers}


def _numbers(target: Pods, ports: list[dict[str, Any]]) -> set[int]:
    """Which of the target's ports a rule means; all of them, if it names none."""
    if not ports:
        return set(target.ports.values())
    named = {target.ports[p["port"]] for p in ports if p["port"] in target.ports}
    ranges = [(p["port"], p.get("endPort", p["port"])) for p in ports if isinstance(p["port"], int)]
    return named | {n for n in target.ports.values() if any(low <= n <= high for low, high in ranges)}
