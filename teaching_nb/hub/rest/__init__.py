"""REST of the hub: one file per noun. Handlers validate, call one service, publish what it announced."""

from teaching_nb.hub.rest.application import Rest

__all__ = ["Rest"]
