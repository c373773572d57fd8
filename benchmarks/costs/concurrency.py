"""`python -m benchmarks.costs.concurrency`: 1,000 images recorded and replayed, 64 requests at a time and all at once.

The script records from the simulator and prints the recorded and the replayed seconds, their ratio, and the client's
CPU seconds of both. With all requests at once, the work of the connection pool grows with the square of their number; a
replay has no connections.
"""

import tempfile
from pathlib import Path

from benchmarks.costs.command_line import take_no_arguments
from benchmarks.scaling.single_round import run_round
from benchmarks.strategies import bind_strategy
from fixtures.clock.clock import Clock
from fixtures.images.made_up import IMAGE_SET, make_images
from fixtures.recordings.cassette import Cassette
from fixtures.recordings.metadata import Metadata
from fixtures.simulator.serving.process import run_simulator
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task
from fixtures.transport.responders import CannedResponder, Player, Recorder
from fixtures.transport.wire import Wire

MODEL = "gemini-2.5-flash"
IMAGES = 1000
TIME_SCALE = 0.2
"""The factor on the seconds of the simulator's profile, so that the script takes one minute instead of five."""


def main() -> None:
    """Print both runs."""
    take_no_arguments("concurrency", __doc__)
    images = make_images(IMAGES).images
    with tempfile.TemporaryDirectory() as folder, run_simulator(time_scale=TIME_SCALE) as server:
        print(f"{IMAGES} images, {MODEL}, simulator at {TIME_SCALE:g} times its seconds")
        print("concurrency  recorded s  replayed s     ratio  CPU recorded s  CPU replayed s")
        for concurrency in (64, IMAGES):
            strategy = bind_strategy(Task(load_question(IMAGE_SET), MODEL), "bounded", concurrency=concurrency)
            run_round(strategy, images[:4], Wire(Clock(), CannedResponder()))  # to warm up
            path = Path(folder) / f"{concurrency}.yaml"
            cassette = Cassette.open_to_record(path, "simulator")
            recorded = run_round(strategy, images, Wire(Clock(skip=False), Recorder(cassette)), server)
            time = "2026-01-01T00:00:00+00:00"
            cassette.save(Metadata(model=MODEL, source="simulator", recorded_at=time, rounds=[recorded.seconds]))
            replayed = run_round(strategy, images, Wire(Clock(), Player(Cassette.open_to_replay(path))))
            seconds = f"{recorded.seconds:10.3f}  {replayed.seconds:10.3f}  {replayed.seconds / recorded.seconds:8.5f}"
            cpu = f"{recorded.round.client_cpu_seconds:14.3f}  {replayed.round.client_cpu_seconds:14.3f}"
            print(f"{concurrency:11}  {seconds}  {cpu}", flush=True)


if __name__ == "__main__":
    main()
