# ruff: noqa: INP001, T201
"""Print what CHANGELOG.md says of a version: python .github/release_notes.py 1.2.3.

Ends with 1, and says why, if it says nothing of it, or if a file that names the version names another.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent

NAMED: Final = {
    "broker_sync/_version.py": r'__version__ = "(.+)"',
    "deploy/compose.yaml": r"image: ghcr\.io/\S+/broker-sync:(\S+)",
    "deploy/helm/broker-sync/Chart.yaml": r"(?:version|appVersion): (\S+)",
    "deploy/kustomize/base/cron-job.yaml": r"image: \S+:(\S+)",
    "deploy/kustomize/overlays/example/kustomization.yaml": r"newTag: (\S+)",
    "deploy/terraform/variables.tf": r'image_tag" \{[^}]*?default     = "(\S+)"',
}
"""The files that name the version, and how. A version that comes from the tag is not among them."""


def section(changelog: str, version: str) -> str:
    """What stands under the heading of `version`, without the heading; "" if there is none."""
    heading = rf"^## \[{re.escape(version)}\][^\n]*$"
    found = re.search(rf"{heading}\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    return "" if found is None else found[1].strip()


def others(root: Path, version: str) -> Iterator[str]:
    """The files that name another version, with what they name."""
    for name, pattern in NAMED.items():
        for found in re.findall(pattern, (root / name).read_text("utf-8")):
            if found != version:
                yield f"{name} has {found}"


def main(version: str) -> None:
    """Print the notes."""
    notes = section((ROOT / "CHANGELOG.md").read_text("utf-8"), version)
    if not notes:
        sys.exit(f"CHANGELOG.md has no section [{version}], or nothing in it")
    if wrong := sorted(others(ROOT, version)):
        sys.exit(f"the tag says {version}, but {', '.join(wrong)}")
    print(notes)


if __name__ == "__main__":
    main(sys.argv[1])
