"""The Terraform module, read with its defaults and put into the form that Kubernetes has."""

import ast
import re
from functools import cache
from typing import Any

import hcl2

from tests.deploy.jobs import Json
from tests.deploy.tools import DEPLOY

__all__ = ["MODULE", "cron_job", "locals_of", "resource", "variables"]

MODULE = DEPLOY / "terraform"

_BLOCK = "__is_block__"
_LISTS = {"container": "containers", "volume": "volumes", "volume_mount": "volumeMounts", "rule": "rules"}
_REFERENCE = re.compile(r"\$\{(var|local)\.(\w+)((?:\.\w+)*)\}")
_CALL = re.compile(r"\$\{concat\((\[.*?\]), var\.extra_args\)\}")
_PAIR = re.compile(r'(\w+) = "([^"]*)"')


@cache
def _parsed(name: str) -> Json:
    with (MODULE / name).open(encoding="utf-8") as file:
        parsed: Json = hcl2.load(file)
        return parsed


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever the language has
    if isinstance(value, dict):
        return {
            _plain(key): _plain(each)
            for key, each in value.items()
            if not (isinstance(key, str) and key.startswith("__"))
        }
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, str) and value.startswith('"') and value.endswith('"'):
        return value[1:-1].replace('\\"', '"')
    return value


def variables() -> dict[str, Any]:
    """The defaults of all variables."""
    blocks = [_plain(each) for each in _parsed("variables.tf")["variable"]]
    return {name: body["default"] for block in blocks for name, body in block.items()}


def locals_of(name: str = "main.tf") -> Json:
    """The local values, as they are written."""
    (block,) = _parsed(name)["locals"]
    found: Json = _plain(block)
    return found


def resource(kind: str, file: str = "main.tf") -> Json:
    """The one resource of this kind, as it is written."""
    (found,) = [
        body
        for block in _parsed(file)["resource"]
        for written, named in block.items()
        if _plain(written) == kind
        for body in named.values()
    ]
    return dict(found)


def cron_job() -> Json:
    """The CronJob that the module makes of its defaults."""
    body = resource("kubernetes_cron_job_v1")
    found: Json = _kubernetes({"metadata": body["metadata"], "spec": body["spec"]})
    pod = found["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    container["env"] = [*_environment()]
    (volume,) = pod["volumes"]
    # Another claim only where one is named.
    volume["persistentVolumeClaim"]["claimName"] = _plain(
        resource("kubernetes_persistent_volume_claim_v1")["metadata"][0]["name"]
    )
    container["securityContext"].pop("runAsNonRoot")  # once more what the pod says
    return found


def _environment() -> list[Json]:
    written = locals_of()
    plain = dict(_PAIR.findall(written["plain_env"].partition("}")[0]))
    secret = variables()["secret_name"]
    return [
        *({"name": name, "value": value} for name, value in plain.items()),
        *(
            {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
            for name, key in written["secret_keys"].items()
        ),
    ]


def _kubernetes(value: Any) -> Any:  # noqa: ANN401  # whatever the language has
    if isinstance(value, dict):
        return {_name(key): _member(key, each) for key, each in value.items() if _is_kept(key)}
    if isinstance(value, list):
        return [_kubernetes(each) for each in value]
    return _resolved(_plain(value))


def _is_kept(key: str) -> bool:
    # What there is only with other values than the defaults, which the tests of the module itself try.
    return not key.startswith("__") and key != "dynamic"


def _member(key: str, value: Any) -> Any:  # noqa: ANN401  # whatever the language has
    is_block = (
        isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and _BLOCK in value[0]
    )
    return _kubernetes(value[0]) if is_block and key not in _LISTS else _kubernetes(value)


def _name(key: str) -> str:
    first, *rest = _LISTS.get(key, key).split("_")
    return first + "".join(part.title() for part in rest)


def _resolved(value: Any) -> Any:  # noqa: ANN401  # whatever the language has
    if not isinstance(value, str):
        return value
    if call := _CALL.fullmatch(value):
        return ast.literal_eval(call[1])
    if reference := _REFERENCE.fullmatch(value):
        scope = variables() if reference[1] == "var" else locals_of()
        found = scope[reference[2]]
        for part in reference[3].split(".")[1:]:
            found = found[part]
        return found
    return value
