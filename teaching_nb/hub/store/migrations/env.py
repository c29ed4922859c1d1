"""Entry point of Alembic: runs the revisions on the connection that `upgrade` hands over."""

from __future__ import annotations

from alembic import context

from teaching_nb.hub.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
