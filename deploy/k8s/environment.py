"""What the services are told, in Kubernetes and in Compose, must be what they ask for: their settings are loaded for real."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import msgspec
import yaml

from common import settings
from common.settings import ServiceSettings, SettingsError, SharedSettings
from deploy.k8s.cluster import Cluster

SERVICES = ("sso", "api", "account", "admin", "processor")

STAND_INS = {"SSO_SERVICE_CLIENTS": "{}", "SSO_PROVIDERS": "{}"}
STAND_IN = "A" * 43
"""For a secret whose value nobody tells; the length of 32 bytes in base64url."""
_OWN_LINES = re.compile(
    r"^# Of this service alone:.*?^# Of every service again\.\n", re.DOTALL | re.MULTILINE
)


def problems(cluster: Cluster, root: Path) -> Iterator[str]:
    yield from _dockerfiles(root)
    for service in SERVICES:
        pods = next((pods for pods in cluster.pods if pods.name == service), None)
        if pods is None:
            yield f"{service}: is not deployed"
            continue
        image = image_environment(root, service)
        if pods.ports.get("http") != int(image[f"{service.upper()}_PORT"]):
            yield f"{service}: its port is not the one that its image listens on"
        environments = [_given(cluster, container) for container in [*pods.init_containers, *pods.containers]]
        if environments[0] != environments[-1]:
            yield f"{service}: its migration is told something else than it is itself"
        for problem in _refused(service, image | environments[-1]):
            yield f"{service}: {problem}"


def compose_problems(root: Path) -> Iterator[str]:
    """The same for compose.yaml, with a made-up value for whatever .env must give."""
    composed = yaml.safe_load(_interpolated((root / "compose.yaml").read_text()))["services"]
    for service in SERVICES:
        environment = composed[service]["environment"]
        for problem in _refused(service, image_environment(root, service) | environment):
            yield f"compose.yaml, {service}: {problem}"


def image_environment(root: Path, service: str) -> dict[str, str]:
    """The settings that the Dockerfile of `service` fixes."""
    text = (root / "services" / service / "Dockerfile").read_text()
    return dict(re.findall(rf"\b({service.upper()}_\w+)=(\S+)", text))


def _dockerfiles(root: Path) -> Iterator[str]:
    """The five are one text but for name, port, and what is marked as being of a service alone."""
    texts = {}
    for service in SERVICES:
        text = _OWN_LINES.sub("", (root / "services" / service / "Dockerfile").read_text())
        text = re.sub(rf"\b{service}\b", "SERVICE", text).replace(f"{service.upper()}_", "PREFIX_")
        texts[service] = re.sub(r"\b80\d\d\b", "PORT", text)
    for service in SERVICES[1:]:
        if texts[service] != texts[SERVICES[0]]:
            yield f"services/{service}/Dockerfile: differs from that of {SERVICES[0]} in more than name and port"


def _given(cluster: Cluster, container: Mapping[str, list[dict[str, dict[str, str]]]]) -> dict[str, str]:
    environment: dict[str, str] = {}
    for source in container.get("envFrom", []):
        config = cluster.get("ConfigMap", source.get("configMapRef", {}).get("name", "")) or {}
        secret = cluster.secrets.get(source.get("secretRef", {}).get("name", ""), {})
        environment |= config.get("data", {}) | secret.get("stringData", {})
    return environment


def _refused(service: str, environment: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with `environment` for `service`: names nobody reads, and what its settings say when loaded."""
    for name in sorted(environment.keys() - _known()):
        yield f"{name} is no setting of any service"
    filled = {name: value or STAND_INS.get(name, STAND_IN) for name, value in environment.items()}
    filled |= {name: value for name, value in STAND_INS.items() if name in filled}
    try:
        loaded = settings.load(_settings(service), service.upper(), filled)
    except SettingsError as error:
        yield str(error)
        return
    if loaded.client_secret is None and service != "sso":
        yield f"{service.upper()}_CLIENT_SECRET is not set"


def _known() -> set[str]:
    shared = {f"RESUMAX_{field}".upper() for field in SharedSettings.__struct_fields__}
    own = {
        f"{service}_{field.name}".upper()
        for service in SERVICES
        for field in msgspec.structs.fields(_settings(service))
    }
    return shared | own


def _settings(service: str) -> type[ServiceSettings]:
    kind: type[ServiceSettings] = import_module(f"{service}.settings").Settings
    return kind


def _interpolated(text: str) -> str:
    """Compose's `${NAME:-default}` and `${NAME:?message}`, innermost first, as if the environment were empty."""
    pattern = re.compile(r"\$\{\w+:([-?])([^${}]*)\}")
    while pattern.search(text):
        text = pattern.sub(lambda match: match[2] if match[1] == "-" else STAND_IN, text)
    return text
