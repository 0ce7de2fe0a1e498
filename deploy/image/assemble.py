# ruff: noqa: INP001, S603, T201
"""Lay out the root of the image: python assemble.py ENVIRONMENT ROOT.

ROOT becomes a file system with the interpreter, the virtual environment ENVIRONMENT, the libraries that both
load, and the records of Debian for these libraries, so that scanners and a bill of materials can name them.
There is no shell in it. Runs on Debian as root, with the interpreter that ENVIRONMENT was made with.
"""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

USER: Final = 10001
"""Whom the image runs as; its group too, but /data belongs to group 0, which is an arbitrary user's."""

LEFT_OUT: Final = shutil.ignore_patterns(
    # what only developers, desktops and installers use
    *("__pycache__", "config-*", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "site-packages"),
    *("test", "tests", "tkinter", "turtle.py", "turtledemo", "_tkinter.*", "_test*", "_ctypes_test*"),
    *("_xxtestfuzz*", "xxlimited*", "xxsubtype*"),
    # what would bring libraries that nothing here uses
    *("_curses*", "_dbm*", "_gdbm*", "readline.*"),
)

NOT_LOADED: Final = (
    "pygments/lexers/[a-z]*.py",
    "sqlalchemy/dialects/mssql",
    "sqlalchemy/dialects/mysql",
    "sqlalchemy/dialects/oracle",
    "sqlalchemy/testing",
)
"""What comes with the packages and nothing here loads: languages to colour, other databases, their tests."""

_LOADED: Final = re.compile(r"(?:=> )?(/\S+) \(0x[0-9a-f]+\)")


def main(environment: Path, root: Path) -> None:
    """Make `root`, which must not be there yet."""
    root.mkdir(mode=0o755)
    lay_skeleton(root)
    copy_python(root)
    shutil.copytree(environment, root / environment.relative_to("/"), symlinks=True, ignore=not_loaded)
    libraries = sorted(set(needed_by(binaries(root))))
    for library in libraries:
        copy_library(library, root)
    for package in sorted(packages_of(libraries)):
        copy_record(package, root)
    run("ldconfig", "-r", str(root))
    compile_all(root)
    size = sum(file.lstat().st_size for file in root.rglob("*") if not file.is_dir())
    print(f"{root}: {size / 1e6:.1f} MB, {len(libraries)} libraries")


def not_loaded(folder: str, names: list[str]) -> set[str]:
    """Which of the `names` in `folder` nothing here loads."""
    patterns = [f"site-packages/{pattern}" for pattern in NOT_LOADED]
    return {name for name in names if any(Path(folder, name).match(pattern) for pattern in patterns)}


# --- what every root has ---


def lay_skeleton(root: Path) -> None:
    """Folders, the user, the certificates of the system, and which Debian this is."""
    mounted = ("dev", "proc", "run", "sys")
    for folder in (*mounted, "etc/ssl/certs", "opt", "usr/lib", "usr/lib64", "var/lib/dpkg"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name in ("lib", "lib64"):  # as Debian has it; the loader's path begins with one of them
        (root / name).symlink_to(f"usr/{name}")
    make_folder(root / "tmp", 0o1777, owner=0)
    make_folder(root / "data", 0o770, owner=USER)
    etc = root / "etc"
    (etc / "passwd").write_text(
        f"root:x:0:0::/:/nonexistent\nbroker-sync:x:{USER}:{USER}::/data:/nonexistent\n", "utf-8"
    )
    (etc / "group").write_text(f"root:x:0:\nbroker-sync:x:{USER}:\n", "utf-8")
    (etc / "nsswitch.conf").write_text("hosts: files dns\n", "utf-8")
    (etc / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n", "utf-8")
    for name in ("hostname", "resolv.conf"):  # what runtimes put files of their own over
        (etc / name).touch()
    for name in ("os-release", "debian_version"):
        shutil.copyfile(Path("/etc") / name, etc / name)
    copy_certificates(root)


def copy_certificates(root: Path) -> None:
    """The authorities that Debian trusts, in the file that the ssl module looks for."""
    asked_for = Path(ssl.get_default_verify_paths().openssl_cafile)
    bundle = root / asked_for.relative_to("/")
    bundle.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs/ca-certificates.crt")
    bundle.symlink_to("/etc/ssl/certs/ca-certificates.crt")


def make_folder(folder: Path, mode: int, *, owner: int) -> None:
    """A folder of group 0, with exactly these rights, whatever the umask."""
    folder.mkdir()
    folder.chmod(mode)
    os.chown(folder, owner, 0)


# --- the interpreter ---


def copy_python(root: Path) -> None:
    """The interpreter that runs this, with its library, less what is `LEFT_OUT`."""
    version = f"python{sysconfig.get_python_version()}"
    prefix = Path(sys.base_prefix)
    into = root / prefix.relative_to("/")
    (into / "bin").mkdir(parents=True)
    shutil.copy2(prefix / "bin" / version, into / "bin" / version)
    for name in ("python", "python3"):
        (into / "bin" / name).symlink_to(version)
    shutil.copytree(prefix / "lib" / version, into / "lib" / version, symlinks=True, ignore=LEFT_OUT)
    # Where local packages would be; the interpreter looks for it.
    (into / "lib" / version / "site-packages").mkdir()
    (root / "etc" / "ld.so.conf").write_text(f"{prefix}/lib\n", "utf-8")


def compile_all(root: Path) -> None:
    """Compile every module for good: nothing of the image changes, so nothing is compared at run time."""
    folders = [str(root / name) for name in ("usr", "opt")]
    unchecked = ("--invalidation-mode", "unchecked-hash")
    run(sys.executable, "-m", "compileall", "-q", "-j", "0", *unchecked, "-s", str(root), "-p", "/", *folders)


# --- the libraries ---


def binaries(root: Path) -> Iterator[Path]:
    """Every program and shared object in `root`."""
    for file in root.rglob("*"):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as opened:
                if opened.read(4) == b"\x7fELF":
                    yield file


def needed_by(files: Iterable[Path]) -> Iterator[Path]:
    """The libraries that the loader finds for `files`, and for what they need in turn.

    Raises SystemExit if it lacks one.
    """
    for file in files:
        printed = run("ldd", str(file), may_fail=True)
        if "not found" in printed:
            sys.exit(f"{file} cannot be loaded:\n{printed}")
        for line in printed.splitlines():
            found = _LOADED.search(line)
            if found is not None and not found[1].startswith(str(file.parent)):
                yield Path(found[1])


def copy_library(library: Path, root: Path) -> None:
    """The library, under the name by which it is asked for."""
    folder = root / os.path.realpath(library.parent).lstrip("/")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy2(library, folder / library.name)


def packages_of(libraries: Iterable[Path]) -> set[str]:
    """The Debian packages that own the libraries; what was not installed by a package is left out."""
    owners = {"base-files", "ca-certificates"}
    for library in libraries:
        real = os.path.realpath(library)
        for name in (real, real.removeprefix("/usr")):  # packages from before /lib became a link
            printed = run("dpkg-query", "--search", name, may_fail=True)
            owners |= {line.partition(":")[0] for line in printed.splitlines() if ": /" in line}
    return owners


def copy_record(package: str, root: Path) -> None:
    """What Debian knows of the package, where scanners look for it, and its licence."""
    record = root / "var/lib/dpkg/status.d" / package
    record.parent.mkdir(exist_ok=True)
    record.write_text(run("dpkg-query", "--status", package), "utf-8")
    licence = Path("usr/share/doc") / package / "copyright"
    (root / licence).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile("/" / licence, root / licence)


def run(*command: str, may_fail: bool = False) -> str:
    """What the command prints."""
    # No translated messages: they are read.
    words = {"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=words)
    if done.returncode and not may_fail:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
