"""The image: pinned, small, for any user, and without a shell."""

import re
import stat
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import pages
from tests.deploy.settings import known
from tests.deploy.tools import DEPLOY, run, script, tool

DOCKERFILE = pages.ROOT / "Dockerfile"
if not DOCKERFILE.is_file():
    pytest.skip("the image is made in a checkout only", allow_module_level=True)

IMAGE = DEPLOY / "image"
assemble = script(IMAGE / "assemble.py")


def instructions() -> list[tuple[str, str]]:
    """What the Dockerfile says, a line each, without comments."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(word, rest) for line in lines if line for word, _, rest in [line.partition(" ")]]


def said(instruction: str) -> list[str]:
    return [rest for word, rest in instructions() if word == instruction]


def environment() -> dict[str, str]:
    """What the image itself sets: the part after the last FROM."""
    begin = max(number for number, (word, _) in enumerate(instructions()) if word == "FROM")
    (variables,) = [rest for word, rest in instructions()[begin:] if word == "ENV"]
    return dict(each.split("=", 1) for each in variables.split())


# --- the Dockerfile ---


def test_the_base_is_pinned_by_its_digest_and_nothing_of_it_stays() -> None:
    base, last = said("FROM")
    assert re.fullmatch(r"python:3\.13-slim@sha256:[0-9a-f]{64} AS build", base)
    assert last == "scratch"


def test_no_command_needs_a_shell() -> None:
    for word in ("RUN", "ENTRYPOINT", "CMD"):
        assert said(word)
        assert all(rest.startswith('["') for rest in said(word)), word


def test_it_runs_the_nightly_sync_as_somebody_without_rights() -> None:
    assert said("ENTRYPOINT") == ['["broker-sync"]']
    assert said("CMD") == ['["ibkr"]']
    assert said("USER") == ["10001:10001"]
    assert said("VOLUME") == ['["/data"]']
    assert said("HEALTHCHECK") == ["NONE"]
    assert said("STOPSIGNAL") == ["SIGINT"]


def test_it_keeps_everything_on_the_volume() -> None:
    assert environment()["BROKER_SYNC_DATA_DIR"] == "/data"
    assert environment()["WF_SESSION_PATH"] == "/data/wealthfolio_session.json"
    assert environment()["HOME"] == "/data"
    of_others = {"PATH", "HOME", "LANG", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    assert environment().keys() - of_others <= known()


def test_it_says_what_it_is() -> None:
    (labels,) = said("LABEL")
    for name in ("title", "description", "licenses", "source", "version", "revision", "created", "base.name"):
        assert f"org.opencontainers.image.{name}=" in labels


def test_the_build_sees_only_what_it_needs() -> None:
    lines = (pages.ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert lines[1] == "*"
    allowed = {line.removeprefix("!").split("/")[0] for line in lines if line.startswith("!")}
    assert allowed == {"LICENSE", "README.md", "pyproject.toml", "broker_sync", "deploy"}


# --- what goes into it ---


def locked() -> dict[str, str]:
    text = (IMAGE / "requirements.txt").read_text("utf-8")
    return {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)
    }


def test_every_dependency_is_locked_at_a_version_that_is_asked_for() -> None:
    with (pages.ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    named = [*project["dependencies"], *project["optional-dependencies"]["notify"]]
    wanted = [Requirement(each) for each in named]
    wrong = [
        str(each)
        for each in wanted
        if (version := locked().get(canonicalize_name(each.name))) is None or version not in each.specifier
    ]
    assert wrong == [], "lock them anew; deploy/image/README.md has the command"


def test_every_package_is_locked_by_its_hashes() -> None:
    for name in ("requirements.txt", "build-requirements.txt"):
        text = (IMAGE / name).read_text("utf-8")
        packages = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
        assert packages
        assert all("--hash=sha256:" in each for each in packages), name


# --- how its root is laid out ---


def test_of_the_packages_only_what_is_never_loaded_stays_out() -> None:
    places = Path("/opt/broker-sync/lib/python3.13/site-packages")
    lexers = assemble.not_loaded(str(places / "pygments/lexers"), ["__init__.py", "_mapping.py", "rust.py"])
    assert lexers == {"rust.py"}
    assert assemble.not_loaded(str(places / "sqlalchemy/dialects"), ["oracle", "sqlite"]) == {"oracle"}
    assert assemble.not_loaded(str(places / "broker_sync"), ["testing", "lexers", "oracle"]) == set()


def test_what_is_loaded_is_found_with_all_that_it_needs_in_turn() -> None:
    if sys.platform != "linux":
        pytest.skip("ldd is a program of Linux")
    found = {each.name for each in assemble.needed_by([Path(sys.executable)])}
    assert any(name.startswith("libc.so") for name in found)


def test_programs_are_told_from_other_files(tmp_path: Path) -> None:
    (tmp_path / "program").write_bytes(b"\x7fELF and more")
    (tmp_path / "text").write_bytes(b"ELF")
    (tmp_path / "link").symlink_to("program")
    assert list(assemble.binaries(tmp_path)) == [tmp_path / "program"]


def test_folders_have_their_rights_whatever_the_umask(tmp_path: Path) -> None:
    owner = tmp_path.stat().st_uid
    if owner != 0:
        pytest.skip("only root gives files away")
    assemble.make_folder(tmp_path / "data", 0o770, owner=assemble.USER)
    made = (tmp_path / "data").stat()
    assert (stat.S_IMODE(made.st_mode), made.st_uid, made.st_gid) == (0o770, 10001, 0)


def test_what_only_developers_use_stays_out() -> None:
    names = ["json", "test", "idlelib", "ensurepip", "readline.so", "_decimal.so", "__pycache__", "venv"]
    assert assemble.LEFT_OUT("lib", names) == {"test", "idlelib", "ensurepip", "readline.so", "__pycache__"}


# --- a real tool ---


@pytest.mark.slow
def test_hadolint_finds_nothing_to_complain_about() -> None:
    run(tool("hadolint"), DOCKERFILE)
