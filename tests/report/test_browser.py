"""The report in a browser: nothing amiss, tables sort, pictures load, it fits a phone and paper.

Needs Debian's chromium and chromium-driver. Where they are missing these tests are skipped, but
with ASSAY_BROWSER=required, as CI has it, they fail.
"""

import base64
import os
import re
import shutil
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from assay.report.findings import findings
from assay.report.page import html

EXAMPLE = Path("docs/example-report.html")
NASTY = ["<script>alert(1)</script>", "say \"hi\", 'you'", "🦋", "X" * 200, "a|b*c\nd", "{{ 7 }}"]
CLAIMS = [
    {"better": "resnet18", "than": "vgg16", "on": "test.accuracy"},
    {"at_least": 0.999, "of": "vgg16", "on": "val.accuracy"},
]


@pytest.fixture(scope="module")
def browser():
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        missing = "chromium and chromedriver are missing: apt-get install chromium chromium-driver"
        (pytest.fail if os.environ.get("ASSAY_BROWSER") == "required" else pytest.skip)(missing)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for word in ("headless", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield opened
    opened.quit()


@pytest.fixture(params=["made up", "example"])
def page(request, browser, tmp_path):
    """An open report, every folded part of it unfolded."""
    path = EXAMPLE.resolve()
    if request.param == "made up":
        study = request.getfixturevalue("study")
        study.classes = NASTY
        study.changes = {"report": {"claims": CLAIMS}}
        experiment, found = study.write()
        path = tmp_path / "report.html"
        path.write_text(html(experiment, findings(experiment, found)), encoding="utf-8")
    look(browser, 1280)
    browser.get(path.as_uri())
    browser.execute_script(
        "for (const one of document.querySelectorAll('details')) one.open = true"
    )
    return browser


def look(browser, width, *, scheme="light"):
    """At so many pixels, light or dark."""
    shape = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shape)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def test_the_console_stays_silent(page):
    assert page.get_log("browser") == []


def test_every_picture_loads(page):
    images = page.find_elements(By.TAG_NAME, "img")
    assert images
    page.execute_script("for (const one of document.images) one.loading = 'eager'")
    wait = "const done = arguments[0]; Promise.all([...document.images].map(i => i.decode()))"
    failed = page.execute_async_script(f"{wait}.then(() => done(''), error => done(String(error)))")
    assert failed == ""
    assert all(page.execute_script("return [...document.images].map(i => i.naturalWidth > 0)"))
    assert page.execute_script("return [...document.querySelectorAll('figure svg')].length") > 3


def test_every_table_sorts_by_every_column_up_and_down(page):
    keys = """
        return [...arguments[0].closest('table').tBodies[0].rows].map(
            row => row.cells[arguments[0].parentElement.cellIndex].dataset.key)
    """
    sorted_columns = 0
    for button in page.find_elements(By.CSS_SELECTOR, "th > button"):
        page.execute_script("arguments[0].click()", button)
        up = page.execute_script(keys, button)
        page.execute_script("arguments[0].click()", button)
        down = page.execute_script(keys, button)
        assert sorted(up) == sorted(down)
        if "number" in button.find_element(By.XPATH, "..").get_attribute("class"):
            assert [*map(float, up)] == sorted(map(float, up))
            assert [*map(float, down)] == sorted(map(float, down), reverse=True)
            sorted_columns += len({*up}) > 1
    assert sorted_columns > 3


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_sticks_out_of_the_window(page, width):
    look(page, width)
    wide = "return [document.documentElement.scrollWidth, window.innerWidth]"
    content, window = page.execute_script(wide)
    assert content <= window == width


def test_dark_is_dark_and_light_is_light(page):
    """Paper against ink, and the ink of figures against the paper, in both schemes."""
    shades = {}
    for scheme in ("light", "dark"):
        look(page, 1280, scheme=scheme)
        found = page.execute_script("""
            const of = (one, what) => getComputedStyle(one)[what];
            return [of(document.body, 'backgroundColor'), of(document.body, 'color'),
                    of(document.querySelector('figure svg text'), 'fill')]
        """)
        shades[scheme] = [sum(map(int, re.findall(r"\d+", one)[:3])) / 3 for one in found]
    paper, ink, letters = shades["light"]
    assert paper > 200 > 100 > max(ink, letters)
    paper, ink, letters = shades["dark"]
    assert paper < 60 < 180 < min(ink, letters)


def test_it_prints(page):
    printed = page.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") > 2


def test_the_example_is_small():
    assert EXAMPLE.stat().st_size < 3_000_000
