"""Two hubs behind Debian's nginx and HAProxy, as our documents put them there."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import httpx
import pytest
from sqlalchemy import Connection

from teaching_nb.hub.config import Settings
from teaching_nb.hub.people import passwords, users
from teaching_nb.schema import limits
from tests.faults.class_at_work import ClassAtWork
from tests.faults.school import School, copy_of, make_school
from tests.faults.test_several_processes import Persistent, check_everywhere, until
from tests.faults.twins import Twins
from tests.faults.writers import finish
from tests.harness.cable import Cable
from tests.harness.cast import Person
from tests.harness.databases import in_database
from tests.harness.documented_balancers import HOST, DocumentedBalancer, documented_balancer
from tests.harness.jupyter import jupyter_process
from tests.harness.live_writer import LiveWriter, Writer
from tests.harness.postgresql import PostgresqlServer
from tests.harness.raw_socket import RawSocket, raw_socket
from tests.harness.redis import redis_server
from tests.harness.running_hub import serving
from tests.harness.waiting import until as until_so

PASSWORD = "correct horse battery"
ORIGIN = f"https://{HOST}"
EDITS = 4
HEARTBEATS = 5
"""Of a socket on which nothing else is said: so many take longer than balancers leave connections alone."""
LONG = 900_000
PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def the_twins(a_postgresql: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    """Run two hubs until the last test of this file ends."""
    database = a_postgresql.url(a_postgresql.create_database())
    school = make_school(database)
    cast, password_hash = school.cast, passwords.hashed(PASSWORD)

    def give_passwords(tx: Connection) -> None:
        for person in (cast.student1, cast.student2, cast.student3, cast.teacher):
            users.set_password(tx, person.id, password_hash)

    in_database(database, give_passwords)
    with redis_server() as redis, Cable(redis.url) as first, Cable(redis.url) as second, ExitStack() as stack:
        twins = Twins(tmp_path_factory.mktemp("twins"), database, school, (first, second))
        for hub in twins.hubs:
            twins.start(hub)
            stack.callback(hub.stop)
        yield twins


@pytest.fixture(scope="module", params=["nginx", pytest.param("haproxy", marks=pytest.mark.by_hand)])
def a_balancer(request: pytest.FixtureRequest, the_twins: Twins) -> Iterator[DocumentedBalancer]:
    """Run each balancer in front of both."""
    with documented_balancer(request.param, [hub.url for hub in the_twins.hubs]) as balancer:
        yield balancer


async def begin_at(which: int, writer: LiveWriter, twins: Twins, url: str) -> None:
    """Connect through a balancer until it has chosen that hub."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            before = twins.taken()
            await writer.begin(url)
            after = twins.taken()
            new = [now - then for now, then in zip(after, before, strict=True)]
            # A balancer that asks for the health of a hub is soon gone again.
            await until_so(lambda new=new: sum(map(len, twins.still(new))) == 1)  # type: ignore[misc]  # binds it
            if twins.still(new)[which]:
                return
            await writer.end()


def browser(balancer: DocumentedBalancer, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """Return a browser at an address, on a page of the hub, which it reaches through TLS."""
    context = ssl.create_default_context(cafile=str(balancer.certificate))
    return httpx.AsyncClient(
        base_url=balancer.tls_url,
        headers={"host": HOST, "origin": ORIGIN, "sec-fetch-mode": "cors"},
        transport=httpx.AsyncHTTPTransport(verify=context, local_address=address),
        timeout=PATIENCE_SECONDS,
    )


async def sign_in(
    client: httpx.AsyncClient, person: Person, password: str = PASSWORD, **headers: str
) -> httpx.Response:
    """Sign in with a password."""
    body = {"email": person.email, "password": password}
    return await client.post("/api/auth/sign-in/email", json=body, headers=headers)


@asynccontextmanager
async def page_socket(balancer: DocumentedBalancer, cookie: str, origin: str) -> AsyncIterator[RawSocket]:
    """Connect as a page does, through TLS."""
    context = ssl.create_default_context(cafile=str(balancer.certificate))
    url = f"{balancer.tls_url.replace('https:', 'wss:')}/socket.io/?EIO=4&transport=websocket"
    headers = {"host": HOST, "origin": origin, "cookie": cookie}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, headers=headers, ssl=context, max_msg_size=0) as socket,
    ):
        yield RawSocket(socket)


async def writers_at_both(
    the_twins: Twins, balancer: DocumentedBalancer, chance: random.Random
) -> tuple[LiveWriter, LiveWriter]:
    """Return two people of a new text, each connected to another process through the balancer."""
    school = the_twins.with_new_documents()
    first = LiveWriter("a", school.cast.student1, school.text_id, chance)
    second = LiveWriter("b", school.cast.student2, school.text_id, chance)
    await begin_at(0, first, the_twins, balancer.url)
    await begin_at(1, second, the_twins, balancer.url)
    return first, second


async def test_people_at_both_processes_type_into_one_text(the_twins: Twins, a_balancer: DocumentedBalancer) -> None:
    """What one of them writes the other has, up to the longest edit that there may be."""
    first, second = await writers_at_both(the_twins, a_balancer, random.Random(5))

    for _ in range(EDITS):
        await first.write()
        await second.write()
    await until_so(lambda: first.text == second.text)
    short = first.text
    await second.write("x" * LONG)
    await until_so(lambda: first.text == second.text)

    for writer in (first, second):
        await writer.end()
    assert short.count(";") == 2 * EDITS
    assert len(first.text) > LONG


async def test_body_may_be_as_long_as_the_hub_allows(the_twins: Twins, a_balancer: DocumentedBalancer) -> None:
    """And what is longer gets the hub's own sentence."""
    school = the_twins.with_new_documents()
    async with httpx.AsyncClient(base_url=a_balancer.url, headers=school.cast.student1.headers) as client:
        path = f"/api/v1/documents/{school.record_id}"
        bodies = [{"data": {"entries": ["x" * (limits.REST_BODY_BYTES + more)]}} for more in (-1_000, 1_000)]
        fits, does_not = [await client.put(path, json=body) for body in bodies]
        stored = (await client.get(path)).json()

    assert fits.status_code == 204
    assert stored["document"]["data"] == bodies[0]["data"]
    assert does_not.status_code == 413
    assert str(limits.REST_BODY_BYTES) in does_not.json()["errors"][0]["message"]


async def test_guesser_at_another_address_locks_nobody_out(the_twins: Twins, a_balancer: DocumentedBalancer) -> None:
    """Each has the address from which they came to the balancer, whatever they say of it themselves."""
    # Attempts of the balancer before count for the same person.
    person = {"nginx": the_twins.school.cast.student1, "haproxy": the_twins.school.cast.student2}[a_balancer.name]
    async with browser(a_balancer, "127.0.0.2") as guesser, browser(a_balancer, "127.0.0.3") as owner:
        places = [{"x-forwarded-for": f"192.0.2.{number}"} for number in range(8)]
        guesses = [(await sign_in(guesser, person, "wrong password", **place)).status_code for place in places]
        answer = await sign_in(owner, person)
        cookie = answer.headers["set-cookie"].partition(";")[0]
        session = (await owner.get("/api/auth/get-session", headers={"cookie": cookie})).json()["session"]

    assert guesses[:3] == [401] * 3
    assert guesses[-1] == 429
    assert answer.status_code == 200
    assert session["ipAddress"] == "127.0.0.3"


async def test_cookie_is_for_tls_and_for_pages_of_the_hub(the_twins: Twins, a_balancer: DocumentedBalancer) -> None:
    """TLS ends at the balancer; the hub makes cookies for it all the same, and takes them from its own pages alone."""
    person = the_twins.school.cast.teacher
    async with browser(a_balancer, "127.0.0.4") as client:
        refused = await sign_in(client, person, origin="https://evil.example")
        answer = await sign_in(client, person)
        cookie, *attributes = answer.headers["set-cookie"].split("; ")
        path, body = f"/api/v1/users/{person.id}", {"data": {"firstName": person.name.partition(" ")[0]}}
        own = await client.put(path, json=body, headers={"cookie": cookie})
        foreign = await client.put(path, json=body, headers={"cookie": cookie, "origin": "https://evil.example"})

    assert (refused.status_code, answer.status_code) == (403, 200)
    assert {"Secure", "HttpOnly", f"Domain={HOST}"} <= set(attributes)
    assert (own.status_code, foreign.status_code) == (200, 403)
    async with page_socket(a_balancer, cookie, ORIGIN) as socket:
        await socket.open()
        assert await socket.ask(f'"JOIN_ROOM","{the_twins.school.root_id}"') == "[true]"
    async with page_socket(a_balancer, cookie, "https://evil.example") as socket:
        with pytest.raises(ConnectionError, match="unauthorized"):
            await socket.open()


async def test_jupyter_server_reaches_the_hub_through_tls(
    the_twins: Twins, a_balancer: DocumentedBalancer, tmp_path: Path
) -> None:
    """As at a school: its relay passes on what kernels and pages ask and send, however long it is."""
    person, token_file = the_twins.school.cast.student1, tmp_path / "hub-token"
    token_file.touch(mode=0o600)
    token_file.write_text(person.token)
    settings = {"TEACHING_NB_HUB_URL": a_balancer.tls_url, "TEACHING_NB_HUB_TOKEN_FILE": str(token_file)}
    trust = {"SSL_CERT_FILE": str(a_balancer.certificate)}
    with jupyter_process(tmp_path / "home", env=settings | trust).launch() as server:
        await asyncio.to_thread(server.wait_ready)

        user = await asyncio.to_thread(lambda: server.get("teaching/api/v1/user").json())
        async with raw_socket(f"{server.url}teaching", {"Authorization": f"token {server.token}"}) as socket:
            joined = [await socket.ask(f'"JOIN_ROOM","{room}"') for room in (the_twins.school.root_id, "x" * LONG)]

    assert user["id"] == person.id
    assert joined == ["[true]", "[false]"]


@pytest.mark.parametrize("name", ["nginx", pytest.param("haproxy", marks=pytest.mark.by_hand)])
async def test_hub_without_an_address_knows_its_pages(
    a_seeded_school: tuple[Path, School], tmp_path: Path, name: str
) -> None:
    """The page's origin is the host that the browser has asked for, with its port."""
    school = a_seeded_school[1]
    settings = Settings(data_dir=copy_of(a_seeded_school[0], tmp_path / "data"), port=0)
    body = {"email": school.cast.student1.email, "password": PASSWORD}
    async with serving(settings) as hub:
        with documented_balancer(name, [hub.url, hub.url]) as balancer:
            async with httpx.AsyncClient(base_url=balancer.url) as client:
                origins = balancer.url, balancer.url.rpartition(":")[0]
                answers = [
                    await client.post("/api/auth/sign-in/email", json=body, headers={"origin": origin})
                    for origin in origins
                ]

    # The origin counts before the password, which nobody has here.
    assert [answer.status_code for answer in answers] == [401, 403]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("a_balancer", "ends"),
    [
        ("nginx", "stop, kill"),
        pytest.param("nginx", "stop, stop, kill, kill", marks=pytest.mark.by_hand),
        pytest.param("haproxy", "stop, stop, kill, kill", marks=pytest.mark.by_hand),
    ],
    indirect=["a_balancer"],
)
async def test_processes_are_replaced_in_turn_and_nothing_is_lost(
    the_twins: Twins, a_balancer: DocumentedBalancer, ends: str
) -> None:
    """Whoever writes goes on at the other one, whether a process ends by itself or is killed."""
    school = the_twins.with_new_documents()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as client:
        people = ClassAtWork(school, client, random.Random(17))
        listers: set[Writer] = set(people.listers)
        others: set[Writer] = {*people.typists, people.creator, people.reader}
        writers = {writer: Persistent(writer, [a_balancer.url], 0) for writer in (*others, *listers)}
        tasks = {writer: asyncio.create_task(each.run()) for writer, each in writers.items()}
        await until(list(writers.values()), EDITS)
        for turn, end in enumerate(ends.split(", ")):
            hub = the_twins.hubs[turn % 2]
            if end == "kill":
                # nginx sends a PUT again when a process dies over it, and the other one may have it already.
                await end_of(listers, writers, tasks)
                hub.kill()
            else:
                assert await asyncio.to_thread(hub.stop) == 0
            await until(list(writers.values()), EDITS)
            await asyncio.to_thread(the_twins.start, hub)
            await until(list(writers.values()), EDITS)
        await end_of({*listers, *others}, writers, tasks)
        await check_everywhere(people, [hub.url for hub in the_twins.hubs])
        stored = await people.creator.stored(a_balancer.url)
    assert {root: [id_] for root, id_ in people.creator.acknowledged.items()}.items() <= stored.items()


async def end_of(
    chosen: set[Writer], writers: dict[Writer, Persistent], tasks: dict[Writer, asyncio.Task[None]]
) -> None:
    """Have some people stop writing; raises what one of them found wrong."""
    stopped = [writer for writer in chosen if writer in writers]
    for writer in stopped:
        writers.pop(writer).is_over = True
    await finish(*(tasks[writer] for writer in stopped))


@pytest.mark.parametrize("a_balancer", ["haproxy"], indirect=True)
async def test_people_of_a_deaf_process_come_to_the_other_one(the_twins: Twins, a_balancer: DocumentedBalancer) -> None:
    """It says 503; they hear of what the others write all the while, and it gets people again when it hears."""
    first, second = await writers_at_both(the_twins, a_balancer, random.Random(23))

    with the_twins.deaf(1):
        await second.ended()
        await second.end()
        await second.begin(a_balancer.url)
        await first.write()
        await second.write()
        await until_so(lambda: first.text == second.text)
        assert the_twins.hubs[1].request("GET", "/health", "").status_code == 503

    await second.end()
    await begin_at(1, second, the_twins, a_balancer.url)
    for writer in (first, second):
        await writer.end()


@pytest.mark.by_hand
@pytest.mark.parametrize("a_balancer", ["haproxy"], indirect=True)
async def test_people_write_though_all_processes_are_deaf(the_twins: Twins, a_balancer: DocumentedBalancer) -> None:
    """Nobody has anything to choose from then, and what they write is stored."""
    school = the_twins.with_new_documents()
    writers = [LiveWriter(name, school.cast.student1, school.text_id, random.Random(29)) for name in "ab"]
    for which, writer in enumerate(writers):
        await begin_at(which, writer, the_twins, a_balancer.url)

    with the_twins.deaf(0, 1):
        for writer in writers:
            await writer.ended()
            await writer.end()
        # From now on the balancer knows that neither is well.
        for writer in writers:
            await writer.begin(a_balancer.url)
            await writer.write()
        said = [hub.request("GET", "/health", "").status_code for hub in the_twins.hubs]

    for writer in writers:
        await writer.end()
    assert said == [503, 503]


@pytest.mark.by_hand
@pytest.mark.timeout(300)
async def test_socket_that_says_nothing_stays(the_twins: Twins, a_balancer: DocumentedBalancer) -> None:
    """The hub's heartbeats are often enough for a balancer, which ends what is idle for a minute."""
    async with browser(a_balancer, "127.0.0.5") as client:
        answer = await sign_in(client, the_twins.school.cast.student3)
    async with page_socket(a_balancer, answer.headers["set-cookie"].partition(";")[0], ORIGIN) as socket:
        await socket.open()

        await socket.answer_heartbeats(HEARTBEATS)

        assert await socket.ask(f'"JOIN_ROOM","{the_twins.school.root_id}"') == "[true]"
