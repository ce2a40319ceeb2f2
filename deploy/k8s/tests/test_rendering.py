"""Our rendering is kustomize's: compared with the real one where there is one."""

import json
import re
import shutil
import subprocess
from functools import partial
from typing import Any

import pytest
import yaml

from deploy.k8s.rendering import merge, render
from deploy.k8s.validate import ROOT

K8S = ROOT / "deploy/k8s"


def test_a_patch_merges_lists_by_their_key_and_takes_away_what_it_says() -> None:
    pod = {"volumes": [{"name": "a", "emptyDir": {}}, {"name": "b"}], "args": ["x"], "replicas": 1}
    patch = {
        "volumes": [{"name": "a", "$patch": "delete"}, {"name": "b", "secret": {}}, {"name": "c"}],
        "args": ["y"],
        "replicas": None,
    }

    assert merge(pod, patch) == {"volumes": [{"name": "b", "secret": {}}, {"name": "c"}], "args": ["y"]}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl, which has kustomize in it")
@pytest.mark.parametrize("folder", ["base", "overlays/postgres", "overlays/keda"])
def test_it_is_what_kustomize_renders(folder: str) -> None:
    rendered = subprocess.run(
        ["kubectl", "kustomize", K8S / folder], capture_output=True, text=True, check=True
    ).stdout
    real = yaml.safe_load_all(
        re.sub(r"\bnats-[a-z0-9]{10}\b", "nats", rendered)
    )  # the hash of a generated name

    assert _comparable(render(K8S / folder)) == _comparable(real)


def _comparable(value: Any) -> Any:
    """Without the order of named things, which means nothing to Kubernetes."""
    if isinstance(value, dict):
        return {key: _comparable(item) for key, item in value.items()}
    if isinstance(value, list) or hasattr(value, "__next__"):
        return sorted((_comparable(item) for item in value), key=partial(json.dumps, sort_keys=True))
    return value
