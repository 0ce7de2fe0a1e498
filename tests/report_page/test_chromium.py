"""The page in a real browser, which runs no script of it: on a phone and a desktop, light, dark, on paper."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker_sync.report.page import PageFacts, page_text
from tests.report_page.chromium import Chromium, Look, chromium
from tests.report_page.samples import hard, page, plain

pytestmark = pytest.mark.slow

PHONE, TABLET, DESKTOP = 320, 768, 1280


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return write(tmp_path, page(hard(), plain()))


def write(folder: Path, facts: PageFacts) -> Path:
    path = folder / "report.html"
    path.write_text(page_text(facts), encoding="utf-8")
    return path


def keep(browser: Chromium, look: Look, name: str) -> None:
    """Leave a picture for a person to look at, where BROKER_SYNC_TEST_PICTURES names a folder."""
    folder = os.environ.get("BROKER_SYNC_TEST_PICTURES")  # noqa: TID251  # the tests' own
    if folder:
        Path(folder, f"{name}.png").write_bytes(browser.picture(look))


def test_it_fits_every_width_and_loads_nothing(browser: Chromium, written: Path) -> None:
    heights = []
    for width in (PHONE, TABLET, DESKTOP):
        look = browser.look(written, width=width)
        keep(browser, look, f"light-{width}")
        assert look.width == width, "nothing sticks out to the right"
        assert look.loaded == [written.as_uri()]
        heights.append(look.height)
    assert heights == sorted(heights, reverse=True)


def test_dark_is_dark_and_light_is_light(browser: Chromium, tmp_path: Path) -> None:
    path = write(tmp_path, page(plain()))
    looks, pictures = [], []
    for scheme in ("light", "dark"):
        looks.append(browser.look(path, width=PHONE, scheme=scheme))
        pictures.append(browser.picture(looks[-1]))
    assert looks[0] == looks[1]
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_it_is_read_aloud_without_a_script(browser: Chromium, written: Path, width: int) -> None:
    look = browser.look(written, width=width, scheme="dark")
    keep(browser, look, f"dark-{width}")
    text = browser.read_aloud()
    for said in (
        "heading: U7654321 in wealthfolio",
        "3 differences, 2 confirmed since",
        "columnheader: Difference",
        "rowheader: VUAG.L",
        "image: VUAG.L differed: new",
        "link: U1234567",
        "alert(1)",
    ):
        assert said in text, said


def test_it_is_printed_dark_on_white_whatever_the_screen(browser: Chromium, tmp_path: Path) -> None:
    path = write(tmp_path, page(plain()))
    pictures = []
    for scheme in ("light", "dark"):
        paper = browser.look(path, width=800, scheme=scheme, media="print")
        assert paper.width == 800
        pictures.append(browser.picture(paper))
        keep(browser, paper, f"paper-{scheme}")
    assert pictures[0] == pictures[1]
    assert browser.call("Page.printToPDF")["data"].startswith("JVBERi"), "%PDF in base64"


def test_an_empty_page_is_a_page(browser: Chromium, tmp_path: Path) -> None:
    assert browser.look(write(tmp_path, page()), width=PHONE).width == PHONE
    assert "Nothing was synced yet" in browser.read_aloud()
