"""The check must fail for what is wrong: each case breaks one thing in a copy of the repository."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.k8s.environment import SERVICES
from deploy.k8s.validate import ROOT, problems

BASE = "deploy/k8s/base"

BROKEN = [
    pytest.param(f"{BASE}/api.yaml", "selector: {matchLabels", "selektor: {matchLabels", "'selector' is a required", id="field"),
    pytest.param(f"{BASE}/nats.yaml", "replicas: 1", "replicas: one", "replicas", id="type"),
    pytest.param(f"{BASE}/kustomization.yaml", "  - sso.yaml\n", "", "sso.yaml is not in its", id="unlisted"),
    pytest.param(f"{BASE}/kustomization.yaml", "  - sso.yaml", "  - ssso.yaml", "ssso.yaml", id="missing-file"),
    pytest.param(f"{BASE}/kustomization.yaml", "namespace:", "namePrefix:", "cannot render namePrefix", id="kustomize"),
    pytest.param(f"{BASE}/service.yaml", "path: /readyz", "path: /healthz", "instead of /readyz", id="readiness"),
    pytest.param(f"{BASE}/service.yaml", "livenessProbe:", "startupProbe:", "has no livenessProbe", id="liveness"),
    pytest.param(f"{BASE}/nats.yaml", ", port: monitor} # every", ", port: web} # every", "port web", id="probe-port"),
    pytest.param(f"{BASE}/service.yaml", "Seconds: 40", "Seconds: 25", "is killed before", id="grace"),
    pytest.param(f"{BASE}/service.yaml", "lifecycle:", "x:", "Additional properties", id="strict"),
    pytest.param(f"{BASE}/service.yaml", "drop: [ALL]", "drop: [NET_RAW]", "has capabilities", id="capabilities"),
    pytest.param(f"{BASE}/service.yaml", "Filesystem: true", "Filesystem: false", "write to its root", id="root-fs"),
    pytest.param(f"{BASE}/s3.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "run as root", id="root"),
    pytest.param(f"{BASE}/service.yaml", "Links: false", "Links: true", "API_PORT", id="service-links"),
    pytest.param(f"{BASE}/api.yaml", "limits: {memory", "limits: {cpu", "no limit of memory", id="limits"),
    pytest.param(f"{BASE}/api.yaml", "image: resumax/api", "image: resumax/app", "names no release", id="image"),
    pytest.param(f"{BASE}/api.yaml", "serviceAccountName: api", "serviceAccountName: x", "ServiceAccount x", id="account"),
    pytest.param(f"{BASE}/api.yaml", "claimName: api", "claimName: data", "PersistentVolumeClaim data", id="claim"),
    pytest.param(f"{BASE}/api.yaml", "name: settings", "name: setings", "no ConfigMap setings", id="config-map"),
    pytest.param(f"{BASE}/api.yaml", "secretRef: {name: s3}", "secretRef: {name: s4}", "no Secret s4", id="secret"),
    pytest.param(f"{BASE}/s3.yaml", "key: RESUMAX_S3_SECRET_KEY", "key: X", "no key X", id="secret-key"),
    pytest.param(f"{BASE}/api.yaml", "targetPort: http", "targetPort: web", "have no port web", id="service-port"),
    pytest.param(f"{BASE}/api.yaml", "containerPort: 8002", "containerPort: 8009", "image listens", id="image-port"),
    pytest.param(f"{BASE}/ingress.yaml", "path: /render", "path: /internal", "makes internal", id="internal-path"),
    pytest.param(f"{BASE}/ingress.yaml", "path: /r,", "path: /s,", "/r of api is public but not", id="gateway-path"),
    pytest.param(f"{BASE}/ingress.yaml", "name: processor", "name: renderer", "no such Service", id="backend"),
    pytest.param(f"{BASE}/network-policies.yaml", "port: 8003}", "port: 8004}", "account has none", id="policy-port"),
    pytest.param(f"{BASE}/network-policies.yaml", "name: account}}\n", "name: acount}}\n", "selects no pods", id="policy"),
    pytest.param(
        f"{BASE}/network-policies.yaml", "name: processor}}}]", "name: sso}}}]", "processor may call api", id="one-way"
    ),
    pytest.param(f"{BASE}/network-policies.yaml", "[Ingress, Egress]", "[Ingress]", "denies everything", id="deny-all"),
    pytest.param(f"{BASE}/settings.yaml", "RESUMAX_NATS_URL", "RESUMAX_NATS", "RESUMAX_NATS is no", id="setting"),
    pytest.param(f"{BASE}/settings.yaml", "RESUMAX_SSO_URL", "# ", "RESUMAX_SSO_URL is not set", id="required"),
    pytest.param(f"{BASE}/settings.yaml", "production", "prod", "RESUMAX_ENVIRONMENT", id="setting-value"),
    pytest.param("deploy/k8s/secrets.example.yaml", 'API_CLIENT_SECRET: ""', "X: y", "API_CLIENT_SECRET", id="example"),
    pytest.param("deploy/k8s/secrets.example.yaml", '_SECRET_KEY: ""', "_SECRET_KEY: x", "has a value", id="leak"),
    pytest.param("compose.yaml", "RESUMAX_ADMIN_URL: http", "RESUMAX_ADMN_URL: http", "RESUMAX_ADMN_URL", id="compose"),
    pytest.param("services/sso/Dockerfile", "USER 10001", "USER 0", "differs from that of sso", id="dockerfile"),
    pytest.param("services/processor/Dockerfile", "service again", "service", "differs from that of sso", id="own-lines"),
    pytest.param(
        "deploy/k8s/overlays/postgres/service.yaml", "      volumes: [{name: data, $patch: delete}]", "", "claim",
        id="overlay",
    ),
    pytest.param("deploy/k8s/overlays/keda/kustomization.yaml", "name: processor", "name: admin", "two", id="scalers"),
]  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of what the check reads."""
    shutil.copytree(
        ROOT / "deploy/k8s", tmp_path / "deploy/k8s", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in [
        "compose.yaml",
        "deploy/nats",
        "deploy/caddy",
        *(f"services/{s}/Dockerfile" for s in SERVICES),
    ]:
        source = ROOT / name
        target = tmp_path / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    return tmp_path


def test_the_manifests_are_right(repository: Path) -> None:
    assert list(problems(repository)) == []


@pytest.mark.parametrize(("file", "right", "wrong", "complaint"), BROKEN)
def test_a_mistake_is_named(repository: Path, file: str, right: str, wrong: str, complaint: str) -> None:
    path = repository / file
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong, 1))

    assert re.search(re.escape(complaint), "\n".join(problems(repository)), re.IGNORECASE)


def test_the_command_exits_with_1_and_a_line_for_each_mistake(repository: Path) -> None:
    path = repository / BASE / "ingress.yaml"
    path.write_text(path.read_text().replace("path: /render", "path: /metrics"))

    result = subprocess.run(
        [sys.executable, "deploy/k8s/validate.py"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert "base: Ingress: /metrics makes internal routes public" in result.stderr.splitlines()
