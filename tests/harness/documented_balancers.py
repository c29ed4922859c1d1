"""Debian's nginx and HAProxy, with the configurations that stand in `docs/several-processes.md`, in front of two hubs.

Of a configuration nothing is changed but ports and paths. Beside the port with TLS it listens on one without, for
programs of the tests that know no certificate of ours.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.harness.processes import ROOT, Process, free_port

PAGE = ROOT / "docs" / "several-processes.md"
HOST = "hub.school.example"
"""Whose address stands on the page."""
PORTS = ("8711", "8712")
"""Of the hubs on the page."""
_ATTEMPTS = 5

# What Debian's package says in its own nginx.conf, as far as it matters.
_AROUND_NGINX = """
daemon off;
worker_processes 2;
error_log stderr;
pid {folder}/nginx.pid;
{user}
events {{ worker_connections 768; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{configuration}}}
"""


@dataclass(frozen=True)
class DocumentedBalancer:
    """One that runs."""

    name: str
    url: str
    """Its address without TLS."""
    tls_url: str
    certificate: Path
    process: Process


def block(language: str) -> str:
    """Return the only code block of a language on the page."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(found)


def hub_options() -> list[str]:
    """Return the options with which the page starts hubs behind a balancer, but for port and database."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if "--trusted-balancer" in line]
    options = [re.sub(r"--(port|database) \S+ ?", "", line).split(" serve ")[1] for line in lines]
    assert len(options) == len(PORTS), "one line for each process"
    assert len(set(options)) == 1, "the processes are told the same"
    return shlex.split(options[0])


@contextmanager
def documented_balancer(name: str, hub_urls: Sequence[str]) -> Iterator[DocumentedBalancer]:
    """Run `nginx` or `haproxy` in front of hubs; raises `RuntimeError` when it is not installed."""
    with tempfile.TemporaryDirectory(prefix=f"teaching-nb-{name}-") as folder_name:
        folder = Path(folder_name)
        certificate, key = make_certificate(folder)
        ports = {
            f"127.0.0.1:{documented}": f"127.0.0.1:{urlsplit(url).port}"
            for documented, url in zip(PORTS, hub_urls, strict=True)
        }
        configure = {"nginx": _nginx, "haproxy": _haproxy}[name]
        for attempt in range(_ATTEMPTS):
            plain, tls = free_port(), free_port()
            command = configure(folder, (certificate, key), (plain, tls), ports)
            with Process(command, log=folder / f"{name}.log", cwd=folder) as process:
                try:
                    process.wait_for(lambda: _takes_connections(plain), f"{name} on port {plain}")  # noqa: B023 - now
                except AssertionError as error:
                    # Somebody else may have taken a port meanwhile.
                    if "Address already in use" not in str(error) or attempt == _ATTEMPTS - 1:
                        raise
                    continue
                urls = f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}"
                yield DocumentedBalancer(name, *urls, certificate, process)
                return


Ports = tuple[int, int]
Files = tuple[Path, Path]


def _nginx(folder: Path, files: Files, listening: Ports, hubs: Mapping[str, str]) -> list[str]:
    own = {
        "listen 443 ssl;": f"listen 127.0.0.1:{listening[0]}; listen 127.0.0.1:{listening[1]} ssl;",
        f"/etc/ssl/certs/{HOST}.pem": str(files[0]),
        f"/etc/ssl/private/{HOST}.key": str(files[1]),
    }
    text = _put_in(block("nginx"), {**hubs, **own})
    # Its workers would be of another account, which may not enter the folder.
    user = "user root;" if os.getuid() == 0 else ""
    path = folder / "nginx.conf"
    path.write_text(_AROUND_NGINX.format(folder=folder, user=user, configuration=text))
    return [_program("nginx", "nginx"), "-p", str(folder), "-c", str(path)]


def _haproxy(folder: Path, files: Files, listening: Ports, hubs: Mapping[str, str]) -> list[str]:
    both = folder / "both.pem"
    both.write_text("".join(file.read_text() for file in files))
    own = {
        "bind :443 ssl": f"bind 127.0.0.1:{listening[0]}\n  bind 127.0.0.1:{listening[1]} ssl",
        f"/etc/haproxy/{HOST}.pem": str(both),
    }
    path = folder / "haproxy.cfg"
    path.write_text(_put_in(block("haproxy"), {**hubs, **own}))
    return [_program("haproxy", "haproxy"), "-db", "-f", str(path)]


def _put_in(text: str, values: Mapping[str, str]) -> str:
    for before, after in values.items():
        assert before in text, f"{before!r} does not stand in\n{text}"
        text = text.replace(before, after)
    return text


def make_certificate(folder: Path) -> Files:
    """Make a certificate that vouches for itself; return its file and that of its key."""
    file, key = folder / "certificate.pem", folder / "key.pem"
    # A kind that takes no time.
    kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1"]
    line = [_program("openssl", "openssl"), *kind, *names, "-out", str(file), "-keyout", str(key)]
    subprocess.run(line, check=True, capture_output=True, timeout=60)
    return file, key


def _takes_connections(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False


def _program(name: str, package: str) -> str:
    # Debian keeps servers off the PATH of people.
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError(f"the tests need {name}; on Debian: apt-get install {package}")
    return found
