"""REST of the hub: one file per noun. Handlers validate, call one service, publish what it announced."""

from teaching_nb.hub.rest.application import create_rest

__all__ = ["create_rest"]
