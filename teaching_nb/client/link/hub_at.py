"""What a classroom asks of whatever is at its address: a hub of ours, or the school's existing backend."""

from __future__ import annotations

from teaching_nb.client.link.address import Address
from teaching_nb.client.link.backend_rest import BackendRest
from teaching_nb.client.link.connection import Connection
from teaching_nb.client.link.following import FollowedDocuments, FollowedRooms, Following
from teaching_nb.client.link.rest import Rest
from teaching_nb.client.link.room_subscriptions import Rooms
from teaching_nb.client.link.written_news import WrittenNews


def hub_at(address: Address, connection: Connection, rooms: Rooms) -> tuple[Rest, Following]:
    """Return the calls of the hub at an address, and how people are followed there."""

    def sender() -> str | None:
        return connection.sid

    if address.is_existing_backend:
        return BackendRest(address, sender, WrittenNews(connection).tell), FollowedRooms(rooms)
    return Rest(address, sender), FollowedDocuments(connection)
