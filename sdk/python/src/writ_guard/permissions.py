"""Permissions, as roles give them and APIs check them: docs/permissions.md of Writ."""

import re
from collections.abc import Iterable

_NAME = r"[A-Za-z0-9_-]+"
_PART = rf"(?:\*|\^?{_NAME}(?:\|{_NAME})*)"
_PATTERN = re.compile(rf"{_PART}(?:\.{_PART}){{0,19}}")
_PERMISSION = re.compile(rf"{_NAME}(?:\.{_NAME}){{0,19}}")


def allows(granted: Iterable[str], permission: str) -> bool:
    """Whether one of the granted patterns allows a permission such as `things.read`.

    An invalid pattern allows nothing, and a permission that is not just names is never allowed.
    """
    if len(permission) > 200 or not _PERMISSION.fullmatch(permission):
        return False
    asked = permission.split(".")
    return any(_matches(pattern, asked) for pattern in granted)


def _matches(pattern: str, asked: list[str]) -> bool:
    if not isinstance(pattern, str) or len(pattern) > 400 or not _PATTERN.fullmatch(pattern):
        return False
    parts = pattern.split(".")
    return len(parts) <= len(asked) and all(map(_part_allows, parts, asked))


def _part_allows(part: str, name: str) -> bool:
    if part == "*":
        return True
    if part.startswith("^"):
        return name not in part[1:].split("|")
    return name in part.split("|")
