"""The part of kustomize that our manifests use, so that they are checked where kustomize is not installed.

Resources, strategic merge patches, image tags, namespace and ConfigMaps from files. Anything else in a kustomization
is refused rather than ignored; a test compares the outcome with `kubectl kustomize` where that is there.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

Resource = dict[str, Any]

CLUSTER_WIDE = {"Namespace"}
MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "ports": "containerPort",
}
"""How the items of a list are recognised (Kubernetes' `patchMergeKey`); any other list is replaced whole."""

# Both are safe; the one in C is ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KNOWN = {
    "apiVersion", "kind", "namespace", "resources", "patches", "images", "configMapGenerator",
}  # fmt: skip


class RenderError(Exception):
    """A kustomization that cannot be rendered, here or at all."""


def load(path: Path) -> list[Resource]:
    """The documents of a manifest."""
    try:
        return [document for document in yaml.load_all(path.read_text(), _LOADER) if document]
    except (OSError, yaml.YAMLError) as error:
        raise RenderError(f"{path}: {error}") from error


def render(folder: Path) -> list[Resource]:
    """What `kubectl apply -k folder` would send, but for the hashes in generated names."""
    kustomization = _kustomization(folder)
    resources: list[Resource] = []
    for entry in kustomization.get("resources", []):
        path = folder / entry
        resources += render(path) if path.is_dir() else load(path)
    for generated in kustomization.get("configMapGenerator", []):
        data = {name: (folder / name).read_text() for name in generated["files"]}
        resources.append(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generated["name"]}, "data": data}
        )
    for patch in kustomization.get("patches", []):
        resources = _patched(resources, load(folder / patch["path"])[0], patch["target"], folder)
    for image in kustomization.get("images", []):
        _set_tag(resources, image["name"], image["newTag"])
    if namespace := kustomization.get("namespace"):
        for resource in resources:
            if resource["kind"] not in CLUSTER_WIDE:
                resource["metadata"]["namespace"] = namespace
    return resources


def unlisted(folder: Path) -> list[str]:
    """Manifests beside a kustomization that it does not use."""
    kustomization = _kustomization(folder)
    listed = {*kustomization.get("resources", []), *(p["path"] for p in kustomization.get("patches", []))}
    return sorted({path.name for path in folder.glob("*.yaml")} - listed - {"kustomization.yaml"})


def merge(target: Any, patch: Any, field: str = "") -> Any:
    """`patch` laid over `target` by Kubernetes' strategic merge; None and `$patch: delete` take away."""
    if isinstance(patch, dict) and isinstance(target, dict):
        merged = {key: value for key, value in target.items() if key not in patch or patch[key] is not None}
        for key, value in patch.items():
            if value is not None:
                merged[key] = merge(merged.get(key), value, key)
        return merged
    if isinstance(patch, list) and isinstance(target, list) and field in MERGE_KEYS:
        return _merged_list(target, patch, MERGE_KEYS[field])
    return patch


def _merged_list(target: list[Any], patch: list[Any], key: str) -> list[Any]:
    patches = {item[key]: item for item in patch}
    kept = [merge(item, patches.pop(item[key], {})) for item in target]
    return [item for item in [*kept, *patches.values()] if item.pop("$patch", None) != "delete"]


def _kustomization(folder: Path) -> dict[str, Any]:
    kustomization = load(folder / "kustomization.yaml")[0]
    if strange := kustomization.keys() - _KNOWN:
        raise RenderError(f"{folder / 'kustomization.yaml'}: cannot render {', '.join(sorted(strange))}")
    return kustomization


def _patched(
    resources: list[Resource], patch: Resource, target: dict[str, str], folder: Path
) -> list[Resource]:
    chosen = [resource for resource in resources if _is_target(resource, target)]
    if not chosen:
        raise RenderError(f"{folder / 'kustomization.yaml'}: a patch for {target} that nothing matches")
    if patch.get("$patch") == "delete":
        return [resource for resource in resources if resource not in chosen]
    body = {key: value for key, value in patch.items() if key != "metadata"}
    return [merge(resource, body) if resource in chosen else resource for resource in resources]


def _is_target(resource: Resource, target: dict[str, str]) -> bool:
    labels = resource["metadata"].get("labels", {})
    wanted = dict(pair.split("=") for pair in target.get("labelSelector", "").split(",") if pair)
    return (
        resource["kind"] == target["kind"]
        and target.get("name") in (None, resource["metadata"]["name"])
        and wanted.items() <= labels.items()
    )


def _set_tag(resources: Iterable[Resource], name: str, tag: str) -> None:
    for resource in resources:
        pod = resource.get("spec", {}).get("template", {}).get("spec", {})
        for container in [*pod.get("initContainers", []), *pod.get("containers", [])]:
            if container["image"] == name:
                container["image"] = f"{name}:{tag}"
