"""The limits of one machine: the images per minute that its CPU can send, and the images that a request can hold."""

import math

from fixtures.base.encoding import BASE64_GROWTH
from fixtures.exchange.sent import MOST_FILE_BYTES
from fixtures.run.record.record import Client
from fixtures.simulator.decisions.limits import MINUTE
from fixtures.simulator.decisions.questions import MOST_BYTES


def find_images_a_minute(client: Client) -> float:
    """Return the number of images per minute that one process can send if its CPU does nothing else."""
    return MINUTE / client.cpu_seconds


def find_images_a_request(client: Client) -> int:
    """Return the number of images of the measured size that can be inlined in one request."""
    return int(MOST_BYTES / (client.image_bytes * BASE64_GROWTH))


def find_images_a_file(client: Client) -> int:
    """Return the number of requests with one image of the measured size that fit in a batch file, at least one."""
    return max(1, int(MOST_FILE_BYTES / (client.image_bytes * BASE64_GROWTH)))


def count_files(client: Client, images: int) -> int:
    """Return the number of batch files that are needed for this number of images of the measured size."""
    return math.ceil(images / find_images_a_file(client))


def describe_machine(client: Client) -> str:
    """Return the sentence that states the limits of this machine."""
    return (
        f"On this machine an image of {client.image_bytes / 1000:.0f} KB takes {1000 * client.cpu_seconds:.1f} ms of "
        f"client CPU (measured over sockets), so one process sends at most {find_images_a_minute(client):,.0f} images "
        f"per minute; a request of 20 MB can inline {find_images_a_request(client)} of them."
    )
