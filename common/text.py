"""Text folded for search, so that 'nguyen' finds 'Nguyễn'."""

import unicodedata

# Letters whose stroke is not a combining mark and so survives decomposition.
_STROKES = str.maketrans({"đ": "d", "Đ": "d", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "ß": "ss"})


def fold(*parts: str) -> str:
    """Return the parts joined, lower case, without diacritics, single spaces."""
    joined = " ".join(part for part in parts if part).translate(_STROKES)
    bare = "".join(c for c in unicodedata.normalize("NFKD", joined) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())
