"""The commands `teaching-nb hub …`: serving, loading and dumping, accounts and tokens.

Every command but `serve` opens the database, runs one job and closes it; that is safe while a hub serves.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from sqlalchemy import Connection

from teaching_nb.errors import ConfigurationError, InvalidInput, NotFound
from teaching_nb.hub.config import (
    ADMIN_GROUP_VARIABLE,
    APP_NAME_VARIABLE,
    BASE_URL_VARIABLE,
    DATA_DIR_VARIABLE,
    DEFAULT_PORT,
    PING_INTERVAL_VARIABLE,
    PING_TIMEOUT_VARIABLE,
    REDIS_VARIABLE,
    TRUSTED_BALANCERS_VARIABLE,
    TRUSTED_ORIGINS_VARIABLE,
    Settings,
    default_data_dir,
    prepare_data_dir,
    secret_from,
)
from teaching_nb.hub.process import HTTP_CLIENTS, not_installed, pause_collector
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.workers import check as check_workers
from teaching_nb.schema import limits

T = TypeVar("T")

app = typer.Typer(help="Run a hub, and look after the people and documents in it.", no_args_is_help=True)
user_app = typer.Typer(help="Accounts.", no_args_is_help=True)
app.add_typer(user_app, name="user")

DataDir = Annotated[
    Path | None,
    typer.Option(help="Directory of the hub's data.", envvar=DATA_DIR_VARIABLE, file_okay=False, show_default=False),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database", help="SQLAlchemy URL, instead of SQLite in the data directory.", show_default=False),
]


def _limit(of_what: str, name: str) -> Any:
    """Return the option of a limit, and its variable."""
    return typer.Option(help=f"{of_what}; 0 sets no limit.", min=0, envvar=f"TEACHING_NB_HUB_{name}")


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = DEFAULT_PORT,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    redis: Annotated[
        str | None,
        typer.Option(
            help="Redis by which several processes hear of each other, as in redis://HOST:6379; without it they do so "
            "by PostgreSQL.",
            envvar=REDIS_VARIABLE,
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(help="Processes that serve together; more than one need PostgreSQL.", min=1, max=16)
    ] = 1,
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", help="End when standard input reaches its end.")
    ] = False,
    teachers_may_promote: Annotated[
        bool, typer.Option("--teachers-may-promote", help="Let teachers make students teachers.")
    ] = False,
    base_url: Annotated[
        str | None,
        typer.Option(
            help="Address of this hub for browsers, as in https://hub.school.example: cookies are made for it.",
            envvar=BASE_URL_VARIABLE,
            show_default=False,
        ),
    ] = None,
    trusted_origin: Annotated[
        list[str] | None,
        typer.Option(
            help="Origin of another site whose pages may use this hub; repeat it for several (in the environment: "
            "separated by spaces).",
            envvar=TRUSTED_ORIGINS_VARIABLE,
            show_default=False,
        ),
    ] = None,
    trusted_balancer: Annotated[
        list[str] | None,
        typer.Option(
            help="Address or network of a balancer or web server in front, whose X-Forwarded-For tells the address of "
            "who is calling; repeat it for several (in the environment: separated by spaces).",
            envvar=TRUSTED_BALANCERS_VARIABLE,
            show_default=False,
        ),
    ] = None,
    app_name: Annotated[
        str, typer.Option(help="Beginning of the name of the session cookie.", envvar=APP_NAME_VARIABLE)
    ] = "tdev",
    admin_group: Annotated[
        str | None,
        typer.Option(
            help="Id of a group that gets RW on every new document root that is not open to all.",
            envvar=ADMIN_GROUP_VARIABLE,
            show_default=False,
        ),
    ] = None,
    user_writes_per_second: Annotated[
        int,
        typer.Option(
            help="Writing requests, and live edits, of one user that are served on average; 0 sets no limit.", min=0
        ),
    ] = 200,
    user_documents: Annotated[
        int,
        _limit("Documents that one student may have", "USER_DOCUMENTS"),
    ] = limits.USER_DOCUMENTS,
    user_bytes: Annotated[
        int,
        _limit("Bytes that the documents of one student may hold", "USER_BYTES"),
    ] = limits.USER_BYTES,
    user_roots: Annotated[
        int,
        _limit("Document roots that one student may make", "USER_ROOTS"),
    ] = limits.USER_ROOTS,
    documents_per_hour: Annotated[
        int,
        _limit("New documents of one student within an hour", "DOCUMENTS_PER_HOUR"),
    ] = limits.DOCUMENTS_PER_HOUR,
    roots_per_hour: Annotated[
        int,
        _limit("New document roots of one student within an hour", "ROOTS_PER_HOUR"),
    ] = limits.ROOTS_PER_HOUR,
    root_documents: Annotated[
        int,
        _limit("Documents below one root, beyond which students add none", "ROOT_DOCUMENTS"),
    ] = limits.ROOT_DOCUMENTS,
    root_bytes: Annotated[
        int,
        _limit("Bytes of the documents below one root, beyond which students add none", "ROOT_BYTES"),
    ] = limits.ROOT_BYTES,
    ping_interval: Annotated[
        int, typer.Option(help="Seconds between two heartbeats of a socket.", min=1, envvar=PING_INTERVAL_VARIABLE)
    ] = 15,
    ping_timeout: Annotated[
        int, typer.Option(help="Seconds that it may take to answer one.", min=1, envvar=PING_TIMEOUT_VARIABLE)
    ] = 20,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log more than warnings, on stderr.")] = False,
) -> None:
    """Serve until SIGTERM; prints `listening on http://HOST:PORT` once connections are accepted."""
    check_workers(workers, database)
    pause_collector()
    with not_installed(HTTP_CLIENTS):
        from teaching_nb.hub.server import run, run_workers

    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    settings = Settings(
        host=host,
        port=port,
        data_dir=prepare_data_dir(data_dir or default_data_dir()),
        database=database,
        redis=redis or None,
        secret=secret_from(),
        until_stdin_closes=until_stdin_closes,
        teachers_may_promote=teachers_may_promote,
        base_url=base_url.rstrip("/") if base_url else None,
        trusted_origins=tuple(origin.rstrip("/") for origin in trusted_origin or ()),
        trusted_balancers=tuple(trusted_balancer or ()),
        app_name=app_name,
        admin_group_id=admin_group or None,
        user_writes_per_second=user_writes_per_second,
        user_documents=user_documents,
        user_bytes=user_bytes,
        user_roots=user_roots,
        documents_per_hour=documents_per_hour,
        roots_per_hour=roots_per_hour,
        root_documents=root_documents,
        root_bytes=root_bytes,
        ping_interval=ping_interval,
        ping_timeout=ping_timeout,
    )
    if workers == 1:
        run(settings)
    else:
        raise typer.Exit(run_workers(settings, workers))


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="JSON file; - reads standard input.", allow_dash=True)],
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Load people, groups, roots, permissions and documents: all of the file, or nothing when it has a mistake.

    Loading a file again changes nothing, and documents that exist keep the content that people gave them.
    """
    from teaching_nb.hub.administration import class_file
    from teaching_nb.hub.administration import load as class_load

    content = class_file.parse(_read(file))
    known = _run(lambda tx: class_load.known_password_hashes(tx, content), data_dir, database)
    hashes = class_load.new_password_hashes(content, known)
    typer.echo(_run(lambda tx: class_load.load(tx, content, hashes), data_dir, database))


@app.command()
def dump(
    file: Annotated[Path, typer.Argument(help="JSON file to write; - writes standard output.", allow_dash=True)],
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Write people, groups, roots, permissions and documents in the format that `load` reads; no passwords."""
    from teaching_nb.hub.administration import class_file
    from teaching_nb.hub.administration import dump as class_dump

    content = class_file.encode(_run(class_dump.dump, data_dir, database))
    if str(file) == "-":
        sys.stdout.write(content.decode())
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        raise ConfigurationError(f"cannot write {file}: {error.strerror}") from error


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Copy the whole database, also while a hub serves it; the copy serves as `hub.db` of another hub."""
    from teaching_nb.hub.administration import backup as backups

    settings = Settings(data_dir=data_dir or default_data_dir(), database=database)
    size = backups.backup(settings.database_url, file)
    typer.echo(f"wrote {file}: {size} bytes")


@app.command()
def token(
    email: Annotated[list[str], typer.Argument(help="Whose token; of several people all, or none.")],
    days: Annotated[int, typer.Option(help="How long it is valid.", min=1, max=3650)] = 30,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Print a new bearer token of a user, for REST and sockets; of several one a line, in their order."""
    from teaching_nb.hub.people import sessions, users

    def create(tx: Connection, address: str) -> str:
        row = users.by_email(tx, address)
        if row is None:
            raise NotFound(f"no user has the e-mail {address}; see: teaching-nb hub user list")
        return sessions.create_bearer(tx, row.id, days=days)

    typer.echo("\n".join(_run(lambda tx: [create(tx, address) for address in email], data_dir, database)))


@user_app.command("add")
def add_user(
    email: Annotated[str, typer.Argument(help="E-mail address, which names the account.")],
    *,
    role: Annotated[str, typer.Option(help="student, teacher or admin.")] = "student",
    first_name: Annotated[str, typer.Option(help="First name.")] = "",
    last_name: Annotated[str, typer.Option(help="Last name.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read a password from the first line of standard input.")
    ] = False,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Create an account and print its id."""
    from teaching_nb.hub.people import passwords, users

    password_hash = passwords.hashed(sys.stdin.readline().rstrip("\r\n")) if password_stdin else None

    def create(tx: Connection) -> str:
        row = users.create(tx, email=email, first_name=first_name, last_name=last_name, role=role)
        if password_hash is not None:
            users.set_password(tx, row.id, password_hash)
        user_id: str = row.id
        return user_id

    typer.echo(_run(create, data_dir, database))


@user_app.command("set-role")
def set_role(
    email: Annotated[str, typer.Argument(help="Whose role.")],
    role: Annotated[str, typer.Argument(help="student, teacher or admin.")],
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Change the role of an account."""
    from teaching_nb.hub.people import users

    changed = _run(lambda tx: users.set_role(tx, email, role), data_dir, database).record
    typer.echo(f"{changed.email} is {changed.role}")


@user_app.command("rename")
def rename_user(
    old: Annotated[str, typer.Argument(help="E-mail or Jupyter account of the person.")],
    new: Annotated[str, typer.Argument(help="New e-mail (with an @) or new Jupyter account.")],
    *,
    merge: Annotated[
        bool, typer.Option("--merge", help="NEW has an account of its own already: put all of it into the person's.")
    ] = False,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Give a person another e-mail or Jupyter account; documents, groups, permissions and tokens stay theirs."""
    from teaching_nb.hub.administration import renaming

    done = _run(lambda tx: renaming.rename(tx, old, new, merge=merge), data_dir, database)
    typer.echo(renaming.told(done))


@user_app.command("list")
def list_users(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """List all accounts: id, role, e-mail and name, separated by tabs."""
    from teaching_nb.hub.people import users

    for user in _run(users.list_all, data_dir, database):
        typer.echo(f"{user.id}\t{user.role}\t{user.email}\t{user.name}")


def _run(job: Callable[[Connection], T], data_dir: Path | None, url: str | None) -> T:
    settings = Settings(data_dir=data_dir or default_data_dir(), database=url)
    if url is None:
        prepare_data_dir(settings.data_dir)

    async def run() -> T:
        database = await Database.open(settings.database_url)
        try:
            return await database.write(job)
        finally:
            await database.close()

    return asyncio.run(run())


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {file}: {error.strerror}") from error
