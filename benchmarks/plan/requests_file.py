"""Write files of Batch API requests, one request for each image of a folder."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.strategies.jobs import format_line
from fixtures.base.errors import RunError
from fixtures.base.option_types import read_large_integer
from fixtures.exchange.sent import MOST_FILE_BYTES
from fixtures.images.folder import iterate_images
from fixtures.images.image import Image
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task


def format_requests(images: Iterable[Image], task: Task) -> Iterator[str]:
    """Yield a line with the request about each image, as `batch_files` sends it; the key is the image's name."""
    return (format_line(image.name, image, task) for image in images)


def write_requests(
    images: Iterable[Image], task: Task, prefix: str, most_images: int | None = None, most_bytes: int = MOST_FILE_BYTES
) -> list[Path]:
    """Write `PREFIX-1.jsonl` and so on, each with at most this many images and bytes; return their paths.

    Raise `RunError` if a file exists or cannot be written.
    """
    paths: list[Path] = []
    file, size, count = None, 0, 0
    try:
        for line in format_requests(images, task):
            if file is None or size + len(line) > most_bytes or count == most_images:
                if file is not None:
                    file.close()
                paths.append(Path(f"{prefix}-{len(paths) + 1}.jsonl"))
                file, size, count = paths[-1].open("x", encoding="ascii"), 0, 0
            size += file.write(line)
            count += 1
    except OSError as error:
        raise RunError(f"{paths[-1]} cannot be written ({error.strerror}); choose another --prefix.") from None
    finally:
        if file is not None:
            file.close()
    return paths


def main() -> str | None:
    """Write the files and print their paths; return an error message, else None."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plan.requests_file", description=__doc__)
    parser.add_argument("folder", help="the image set: a name under fixtures/images or a folder of images")
    parser.add_argument("--model", required=True, metavar="NAME", help="the model to ask")
    parser.add_argument("--prefix", default="requests", help="beginning of the files' names (default: requests)")
    parser.add_argument("--task", default="", metavar="MODULE:NAME", help="your own kind of answer, as in a run")
    parser.add_argument(
        "--most-images",
        type=read_large_integer,
        metavar="N",
        help="most images in a file, for accounts with a token limit on batch jobs (default: as many as 2 GB hold)",
    )
    arguments = parser.parse_args()
    try:
        task = Task(load_question(arguments.folder, arguments.task), arguments.model)
        paths = write_requests(iterate_images(arguments.folder), task, arguments.prefix, arguments.most_images)
    except RunError as error:
        return f"requests_file: {error}"
    sys.stdout.writelines(f"{path}\n" for path in paths)
    return None


if __name__ == "__main__":
    sys.exit(main())
