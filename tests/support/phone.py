"""A phone as a browser is one, and whether a page stays within it.

A narrow window is no phone: there a page that is too wide gets a scroll bar, and what lies outside
does no harm. A phone lays the page out as wide as its widest part and shows all of it smaller, or
moved sideways; `is_mobile` makes Chromium do the same.
"""

from typing import Any

WIDTH, HEIGHT = 390, 844
#: A screen narrower than this is a phone's.
WIDEST = 500
#: What a test asks of `visit` to be seated at a phone.
SIZE = {"width": WIDTH, "height": HEIGHT}

#: Says by how much a page is wider than the screen, and what sticks out of it: the innermost
#: elements that no scroller of their own holds back.
_SIDEWAYS = """width => {
    const root = document.documentElement;
    const by = Math.max(root.scrollWidth, document.body.scrollWidth, innerWidth) - width;
    if (by <= 0) return [];
    const kept = el => {
        const alone = getComputedStyle(el).position;
        for (let up = el.parentElement; up && up !== root; up = up.parentElement) {
            const style = getComputedStyle(up);
            const holds = alone !== 'absolute' || style.position !== 'static';
            if (holds && style.overflowX !== 'visible') return true;
        }
        return false;
    };
    const out = [...document.body.querySelectorAll('*')].filter(el => {
        const box = el.getBoundingClientRect();
        return box.width && box.right + scrollX > width + 0.5 && !kept(el);
    });
    const inner = out.filter(el => !out.some(other => other !== el && el.contains(other)));
    const say = el => {
        const name = el.tagName.toLowerCase() + [...el.classList].map(one => '.' + one).join('');
        const right = Math.round(el.getBoundingClientRect().right + scrollX);
        return `${name} up to ${right} px: ${el.textContent.trim().slice(0, 60)}`;
    };
    return [`${by} px wider than ${width}`, ...inner.slice(0, 5).map(say)];
}"""


def context(*, width: int = WIDTH, height: int = HEIGHT) -> dict[str, Any]:
    """Return what `Browser.new_context` needs to be a phone: touched, dense, laid out as one."""
    return {
        "viewport": {"width": width, "height": height},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    }


def sideways(page: Any, *, width: int = WIDTH) -> list[str]:
    """Return by how much a page can be moved sideways and what makes it so; empty when it fits."""
    page.wait_for_load_state("load")  # without its sheet, every page is too wide
    found: list[str] = page.evaluate(_SIDEWAYS, width)
    return found


def assert_fits(page: Any, *, width: int = WIDTH) -> None:
    """Fail with the parts of a page that stick out of a phone's screen."""
    found = sideways(page, width=width)
    assert not found, f"{page.url} scrolls sideways: {'; '.join(found)}"
