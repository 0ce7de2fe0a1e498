"""The site has every page, leads nowhere that is not there, and loads nothing from elsewhere."""

from pathlib import Path

import pytest

from . import pages

if not (pages.ROOT / "scripts" / "site.py").is_file():
    pytest.skip("the site is built of a checkout", allow_module_level=True)

from scripts import site  # is of a checkout


def test_the_navigation_has_every_page_once() -> None:
    assert list(site.nav_problems()) == []


def test_a_link_that_leaves_the_pages_leads_to_the_repository() -> None:
    page = "[a](../SECURITY.md) [b](../deploy/helm#x) [c](settings.md#y) [d](https://elsewhere.example/z)"
    assert site.led_out(page, site.DOCS) == (
        f"[a]({site.REPOSITORY}/blob/main/SECURITY.md) [b]({site.REPOSITORY}/tree/main/deploy/helm#x) "
        "[c](settings.md#y) [d](https://elsewhere.example/z)"
    )


def test_the_start_page_is_the_first_screen_of_the_readme() -> None:
    screen = site.first_screen("# t\n\nwords ([one](docs/a.md))\n\n## Sync every night\n\nmore\n")
    assert screen == "words ([one](a.md))\n"
    assert "make demo" in site.first_screen(pages.text_of("README.md"))


def test_the_copy_has_the_pages_and_leaves_the_originals_alone(tmp_path: Path) -> None:
    before = pages.text_of("docs/index.md")
    site.stage(tmp_path / "pages")
    index = (tmp_path / "pages" / "index.md").read_text("utf-8")
    assert "$ make demo" in index
    assert site.REPOSITORY in (tmp_path / "pages" / "deploy.md").read_text("utf-8")
    assert not (tmp_path / "pages" / "zensical.toml").exists()
    assert pages.text_of("docs/index.md") == before


@pytest.mark.parametrize(
    ("text", "is_foreign"),
    [
        ('<script src="https://cdn.example/x.js">', True),
        ("<img src=//cdn.example/x.png>", True),
        ('<link rel="stylesheet" href="https://fonts.example/x.css">', True),
        ("@import url(https://fonts.example/x.css)", True),
        ('<a href="https://github.com/x/y" data-md-component="source">', True),
        ('<link rel="canonical" href="https://broker-sync.example/">', False),
        ('<a href="https://elsewhere.example/">', False),
        ('<script src="assets/x.js">', False),
    ],
)
def test_what_would_be_loaded_from_elsewhere_is_noticed(text: str, is_foreign: bool, tmp_path: Path) -> None:  # noqa: FBT001  # a case
    (tmp_path / "index.html").write_text(text, "utf-8")
    assert bool(list(site.foreign(tmp_path))) is is_foreign
