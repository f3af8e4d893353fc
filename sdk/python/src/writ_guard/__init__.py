"""Admits requests to an API by the access tokens of Writ. README.md says how."""

from .guard import Guard
from .permissions import allows
from .types import Caller, Detail, Needs, Refused, Request

__all__ = ["Caller", "Detail", "Guard", "Needs", "Refused", "Request", "allows"]
