"""Check the Kubernetes manifests, the Dockerfiles and compose.yaml, without a cluster, a network or Docker.

`python deploy/k8s/validate.py` says what is wrong, a line each, and exits with 1 if anything is.
"""

import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

if __name__ == "__main__":
    # The repository itself instead of this folder, so that `deploy.k8s` is found.
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import kubernetes_validate  # type: ignore[import-untyped]  # it publishes no types

from deploy.k8s import environment, network, pods, references
from deploy.k8s.cluster import Cluster
from deploy.k8s.rendering import RenderError, load, render, unlisted

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = "1.34"
"""The oldest version that the manifests are for: the first with `preStop.sleep` as a stable feature."""

WITHOUT_SCHEMA = {"ScaledObject"}
"""Kinds of add-ons, which Kubernetes' own schemas do not know."""


def problems(root: Path) -> Iterator[str]:
    """Everything that is wrong in the repository at `root`."""
    manifests = root / "deploy/k8s"
    yield from environment.compose_problems(root)
    for folder in [
        manifests / "base",
        *sorted(path for path in manifests.glob("overlays/*") if path.is_dir()),
    ]:
        name = folder.relative_to(manifests)
        for problem in _folder_problems(root, folder):
            yield f"{name}: {problem}"


def _folder_problems(root: Path, folder: Path) -> Iterator[str]:
    try:
        yield from (f"{name} is not in its kustomization" for name in unlisted(folder))
        secrets = load(root / "deploy/k8s/secrets.example.yaml")
        cluster = Cluster(render(folder), secrets)
        found = [_schema_problem(json.dumps(resource)) for resource in [*cluster.resources, *secrets]]
        if mistakes := [problem for problem in found if problem]:
            yield from mistakes
            return  # what follows relies on the shapes
        yield from pods.problems(cluster)
        yield from references.problems(cluster)
        yield from network.problems(cluster, root / "deploy/caddy/Caddyfile")
        yield from environment.problems(cluster, root)
    except RenderError as error:
        yield str(error)


@cache
def _schema_problem(document: str) -> str | None:
    """What is wrong by the schema of Kubernetes, in which a field that it does not know is a mistake."""
    resource = json.loads(document)
    try:
        if resource["kind"] not in WITHOUT_SCHEMA:
            kubernetes_validate.validate(resource, KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        place = ".".join(str(part) for part in error.path)
        return f"{resource['kind']} {resource['metadata']['name']}: {place}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError as error:
        return str(error.message)
    return None


def main() -> None:
    found = list(dict.fromkeys(problems(ROOT)))
    for problem in found:
        sys.stderr.write(f"{problem}\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
