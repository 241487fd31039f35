"""`make check` finds a planted name that only tests use, and one that is two things."""

from pathlib import Path

import pytest

from scripts import names

#: A package in which everything is used, in every way a framework finds something.
CLEAN = {
    "andon/__init__.py": "",
    "andon/main.py": (
        "from andon.shop import sell\n"
        "def app() -> None:\n"
        "    sell().pay()\n"
    ),
    "andon/shop/__init__.py": "from andon.shop.sales import sell\n__all__ = ['sell']\n",
    "andon/shop/sales.py": (
        "from andon.shop import prices\n"
        "class Sale:\n"
        "    def pay(self) -> None: ...\n"
        "    def shown(self) -> str: ...\n"
        "def sell() -> Sale:\n"
        "    assert prices.PRICE\n"
        "    return Sale()\n"
    ),
    "andon/shop/prices.py": "PRICE = 1\n",
    "andon/shop/page.html": "<b>not_a_use</b>{% if sale.shown %}{{ sale.name }}{% endif %}",
    "andon/shop/apps.py": (
        "from django.apps import AppConfig\n"
        "class ShopConfig(AppConfig):\n"
        "    def ready(self) -> None: ...\n"
    ),
    "andon/shop/admin.py": (
        "from django.contrib import admin\n"
        "class Seen:\n"
        "    def has_add_permission(self, request: object) -> bool: ...\n"
        "@admin.register(object)\n"
        "class SaleAdmin(Seen, admin.ModelAdmin):\n"
        "    pass\n"
    ),
    "andon/shop/tags.py": (
        "from django import template\n"
        "register = template.Library()\n"
        "@register.filter\n"
        "def money(value: int) -> str: ...\n"
    ),
    "andon/urls.py": "urlpatterns = ['andon.shop.checks.Check']\n",
    "andon/shop/checks.py": "class Check:\n    def validate(self) -> None: ...\n",
}  # fmt: skip
ENTRIES = ["andon.main.app"]


def faults(folder: Path, *, spared: dict[str, str] | None = None, **planted: str) -> list[str]:
    """Return the names found in the clean package with something more at the end of its files."""
    for name, text in CLEAN.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        key = path.parent.name if path.stem == "__init__" else path.name.removesuffix(".py")
        path.write_text(text + planted.get(key, ""))
    found = names.faults(folder, spared=spared or {}, entries=ENTRIES)
    return [line.partition(":")[0] for line in found]


def test_what_is_used_or_found_by_a_framework_is_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ({"prices": "def discount() -> int:\n    return 1\n"}, "andon.shop.prices.discount"),
        ({"prices": "class Discount:\n    pass\n"}, "andon.shop.prices.Discount"),
        ({"prices": "DISCOUNT = 2\n"}, "andon.shop.prices.DISCOUNT"),
        ({"prices": "def again() -> None:\n    again()\n"}, "andon.shop.prices.again"),
        ({"checks": "    def not_a_use(self) -> None: ...\n"}, None),
        ({"prices": "class _Bag:\n    def emptied(self) -> None: ...\n"},
         "andon.shop.prices._Bag.emptied"),
        ({"prices": "def discount() -> int:\n    return 1\n",
          "shop": "from andon.shop.prices import discount\n"}, "andon.shop.prices.discount"),
        ({"sales": "from functools import cache\n@cache\ndef cached() -> int: ...\n"},
         "andon.shop.sales.cached"),
    ],
    ids=["function", "class", "constant", "only itself", "method of a class in a string", "method",
         "only handed on by its package", "decorated by a function"],
)  # fmt: skip
def test_a_planted_name_that_nothing_uses_is_found(
    tmp_path: Path, planted: dict[str, str], found: str | None
) -> None:
    assert faults(tmp_path, **planted) == ([found] if found else [])


def test_what_only_the_dead_use_is_dead_too(tmp_path: Path) -> None:
    planted = "def one() -> int:\n    return two()\ndef two() -> int:\n    return 2\n"
    assert faults(tmp_path, prices=planted) == ["andon.shop.prices.one", "andon.shop.prices.two"]


def test_a_name_is_spared_while_it_is_dead_and_no_longer(tmp_path: Path) -> None:
    spared = {"andon.shop.prices.DISCOUNT": "until the sales"}
    assert faults(tmp_path, prices="DISCOUNT = 2\n", spared=spared) == []
    assert faults(tmp_path, spared=spared) == ["andon.shop.prices.DISCOUNT"]


@pytest.mark.parametrize(
    "planted",
    [
        "from andon.shop.sales import sell as sales\n",
        "def sales() -> None: ...\nsales()\n",
        "sales = 1\nassert sales\n",
    ],
)
def test_a_name_that_is_a_module_and_something_else_is_found(tmp_path: Path, planted: str) -> None:
    assert "andon.shop.sales" in faults(tmp_path, shop=planted)


def test_a_package_may_hand_on_its_own_modules(tmp_path: Path) -> None:
    assert faults(tmp_path, shop="from andon.shop import sales\n") == []


def test_every_name_that_is_spared_says_why() -> None:
    assert all(len(why) > 10 for why in names.SPARED.values())
