"""Accent colours of a business, made readable on light and dark pages.

A business picks one colour; everything a page needs is computed here so that text never falls below
WCAG AA contrast (4.5:1). Formulas: WCAG 2.2, "relative luminance" and "contrast ratio".
"""

import colorsys
import re
from dataclasses import dataclass

MIN_CONTRAST = 4.5
DEFAULT_ACCENT = "#3454d1"

# The surfaces text may lie on: frontdesk.css, tokens --canvas, --surface, --raised and --sunken.
LIGHT_SURFACES = ("#f7f8fa", "#ffffff", "#f0f2f5")
DARK_SURFACES = ("#0e1014", "#16191f", "#1d2128", "#111419")

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 100
_LINEAR_BELOW = 0.04045


@dataclass(frozen=True, slots=True)
class Accent:
    """The accent roles of one theme, each `#rrggbb`."""

    fill: str
    fill_hover: str
    on_fill: str
    text: str
    soft: str


@dataclass(frozen=True, slots=True)
class AccentPair:
    """The accent roles of both themes, from one chosen colour."""

    light: Accent
    dark: Accent

    def css(self) -> str:
        """Return declarations that override the accent tokens of the stylesheet; safe raw."""
        roles = {
            "--accent": (self.light.fill, self.dark.fill),
            "--accent-hover": (self.light.fill_hover, self.dark.fill_hover),
            "--on-accent": (self.light.on_fill, self.dark.on_fill),
            "--accent-text": (self.light.text, self.dark.text),
            "--accent-soft": (self.light.soft, self.dark.soft),
        }
        return "".join(f"{name}:light-dark({a},{b});" for name, (a, b) in roles.items())


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, 0 for black to 1 for white."""
    channels = (
        c / 12.92 if c <= _LINEAR_BELOW else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour)
    )
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21; the order does not matter."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """Return `one` with `share` (0 to 1) of `other` mixed in, channel by channel."""
    return _hex(*(a + (b - a) * share for a, b in zip(_rgb(one), _rgb(other), strict=True)))


def readable_on(fill: str) -> str:
    """Return near-black or white, whichever reads better on `fill`; one always passes 4.5:1."""
    return max("#ffffff", "#0b0d12", key=lambda ink: contrast(ink, fill))


def accent_pair(chosen: str) -> AccentPair:
    """
    Compute the accent roles of both themes from a business's colour.

    Anything that isn't `#rrggbb` counts as the product's own accent, so a bad stored value
    never breaks a page.
    """
    base = chosen if _HEX.fullmatch(chosen) else DEFAULT_ACCENT
    light_soft = mix("#ffffff", base, 0.08)
    dark_soft = mix("#16191f", base, 0.16)
    light_text = _reach(base, (*LIGHT_SURFACES, light_soft), darker=True)
    dark_text = _reach(base, (*DARK_SURFACES, dark_soft), darker=False)
    return AccentPair(
        light=_with_fill(base, hover_towards="#000000", text=light_text, soft=light_soft),
        dark=_with_fill(
            _lift(base, 3.0, DARK_SURFACES),
            hover_towards="#ffffff",
            text=dark_text,
            soft=dark_soft,
        ),
    )


def _with_fill(fill: str, *, hover_towards: str, text: str, soft: str) -> Accent:
    ink = readable_on(fill)
    hover = mix(fill, hover_towards, 0.12)
    if contrast(ink, hover) < MIN_CONTRAST:
        hover = mix(fill, "#ffffff" if hover_towards == "#000000" else "#000000", 0.12)
    return Accent(fill=fill, fill_hover=hover, on_fill=ink, text=text, soft=soft)


def _reach(base: str, surfaces: tuple[str, ...], *, darker: bool) -> str:
    """Move the lightness of `base`, keeping its hue, until it reads on every surface."""
    return _shift(base, MIN_CONTRAST, surfaces, darker=darker)


def _lift(base: str, wanted: float, surfaces: tuple[str, ...]) -> str:
    """Lighten a fill until its edge is visible on dark surfaces (3:1, WCAG 1.4.11)."""
    return _shift(base, wanted, surfaces, darker=False)


def _shift(base: str, wanted: float, surfaces: tuple[str, ...], *, darker: bool) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(base))
    end = 0.0 if darker else 1.0
    for step in range(_STEPS + 1):
        candidate = _hex(
            *colorsys.hls_to_rgb(hue, lightness + (end - lightness) * step / _STEPS, saturation)
        )
        if all(contrast(candidate, surface) >= wanted for surface in surfaces):
            return candidate
    return "#000000" if darker else "#ffffff"


def _rgb(colour: str) -> tuple[float, float, float]:
    if not _HEX.fullmatch(colour):
        raise ValueError("a colour is written #rrggbb")
    return (
        int(colour[1:3], 16) / 255,
        int(colour[3:5], 16) / 255,
        int(colour[5:7], 16) / 255,
    )


def _hex(red: float, green: float, blue: float) -> str:
    return "#" + "".join(f"{round(max(0.0, min(1.0, c)) * 255):02x}" for c in (red, green, blue))
