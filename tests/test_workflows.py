"""The workflows run the README's commands, keep keys and tokens away from other code, and report their results."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.forks import ROOT
from tests.helpers.suite import environment_of_users, run_suite

WORKFLOWS = {name: ROOT / ".github" / "workflows" / f"{name}.yml" for name in ("replay", "live")}
PLUMBING = re.compile(r"(if .*; then|else|fi|echo .*)")
"""The lines around a command that only print why it is not run."""
SLOWER = '{"slower": ["test_strategy[gemini-3.5-flash-four-concurrent]"], "failed": []}'
NOT_SLOWER = '{"slower": [], "failed": ["test_strategy[gemini-3.5-flash-four-concurrent]"]}'
GH = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in *--jq*) printf '%s' "$FOUND" ;; esac
"""
"""A `gh` that stores its arguments in a file, and answers queries with a given text."""

needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq, which GitHub's machines have")


def jobs(workflow: str) -> dict[str, dict[str, Any]]:
    """Return a workflow's jobs by their ids."""
    parsed: dict[str, dict[str, Any]] = yaml.safe_load(WORKFLOWS[workflow].read_text())["jobs"]
    return parsed


def runs(job: dict[str, Any]) -> list[str]:
    """Return the scripts of a job's steps."""
    return [step["run"] for step in job["steps"] if "run" in step]


def has_the_code(job: dict[str, Any]) -> bool:
    """Return whether a job checks out the project, and so runs its code."""
    return any(step.get("uses", "").startswith("actions/checkout@") for step in job["steps"])


def command(workflow: str, start: str) -> str:
    """Return the only line of the workflow's scripts that contains this."""
    (line,) = [
        line for job in jobs(workflow).values() for run in runs(job) for line in run.splitlines() if start in line
    ]
    return line.strip()


def step(workflow: str, job: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the only script of a job as GitHub's runner does, in a folder and with the `gh` of this test."""
    (script,) = runs(jobs(workflow)[job])
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "gh").write_text(GH)
    (tools / "gh").chmod(0o755)
    names = {"GITHUB_REPOSITORY": "somebody/images", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_RUN_ID": "7"}
    files = {"CALLS": str(folder / "calls"), "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=environment_of_users() | names | files | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def calls(folder: Path) -> list[str]:
    """Return the calls of `gh`."""
    path = folder / "calls"
    return path.read_text().splitlines() if path.exists() else []


def write_report(folder: Path, verdict: str) -> None:
    """Write the files of a report that the workflows read."""
    (folder / "report").mkdir()
    (folder / "report" / "summary.md").write_text("| strategy | verdict |\n", encoding="utf-8")
    (folder / "report" / "verdict.json").write_text(verdict, encoding="utf-8")


def git(folder: Path, *arguments: str) -> str:
    """Run git as a made-up user, independently of this machine's configuration."""
    somebody = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *somebody, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def clone_with(folder: Path, *files: str) -> Path:
    """Return a clone of a repository whose main branch has these files."""
    origin = folder / "origin"
    origin.mkdir()
    git(origin, "init", "--quiet")
    for name in files:
        (origin / name).parent.mkdir(parents=True, exist_ok=True)
        (origin / name).write_text(f"main's {name}")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "--allow-empty", "--message", "first")
    git(folder, "clone", "--quiet", str(origin), "clone")
    return folder / "clone"


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_every_command_that_runs_the_suite_is_in_the_readme(workflow: str) -> None:
    """The section "In CI" has each command of the jobs that check out the project."""
    section = (ROOT / "README.md").read_text().partition("\n## In CI\n")[2].partition("\n## ")[0]
    published = {line.strip() for line in section.splitlines() if line.startswith("    ")}
    scripts = [run for job in jobs(workflow).values() if has_the_code(job) for run in runs(job)]
    lines = [line.strip() for script in scripts for line in script.splitlines()]
    commands = [line for line in lines if not PLUMBING.fullmatch(line)]
    assert commands
    assert not set(commands) - published


def test_every_command_in_the_readmes_section_is_run_by_a_workflow() -> None:
    """The section "In CI" has no command that no workflow runs."""
    section = (ROOT / "README.md").read_text().partition("\n## In CI\n")[2].partition("\n## ")[0]
    published = {line.strip() for line in section.splitlines() if line.startswith("    ") and "# " not in line}
    scripts = [run for workflow in WORKFLOWS for job in jobs(workflow).values() for run in runs(job)]
    assert not published - {line.strip() for script in scripts for line in script.splitlines()}


def test_a_replay_needs_no_secret() -> None:
    """The workflow of pull requests uses no secret, and does not run in the context of main, which has secrets."""
    text = WORKFLOWS["replay"].read_text()
    assert "secrets." not in text
    assert "pull_request_target" not in text


def test_the_key_is_in_the_environment_of_the_calling_step_only() -> None:
    """The step that calls Gemini has the key, and one other step checks whether it is set."""
    steps = [step for job in jobs("live").values() for step in job["steps"]]
    (calling,) = [step for step in steps if "${{ secrets.GEMINI_API_KEY }}" in str(step)]
    assert calling["env"] == {"GEMINI_API_KEY": "${{ secrets.GEMINI_API_KEY }}"}
    assert calling["run"].split()[:3] == [".venv/bin/tox", "-e", "live"]
    (asking,) = [step for step in steps if "secrets." in str(step) and step is not calling]
    assert asking["env"] == {"IS_SET": "${{ secrets.GEMINI_API_KEY != '' }}"}
    assert WORKFLOWS["live"].read_text().count("secrets.") == 2


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_no_code_of_the_project_runs_with_a_token_that_may_write(workflow: str) -> None:
    """A job that checks out the project may only read; a job that may write runs the workflow's commands alone."""
    assert yaml.safe_load(WORKFLOWS[workflow].read_text())["permissions"] == {}
    for job in jobs(workflow).values():
        granted = set(job.get("permissions", {}).values())
        assert granted <= ({"read"} if has_the_code(job) else {"write"})
        assert not has_the_code(job) or "github.token" not in str(job)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_report_of_a_failed_replay_is_uploaded_and_published(workflow: str) -> None:
    """The report is uploaded and the reporting jobs run although the job has failed, and it still counts as failed."""
    for job in jobs(workflow).values():
        for each in job["steps"]:
            assert "continue-on-error" not in each
            if each.get("uses", "").startswith("actions/upload-artifact@"):
                assert each["if"] == "${{ !cancelled() }}"
        if not has_the_code(job) and "needs" in job:
            assert job["if"].startswith("${{ !cancelled() && ")


def options(workflow: str) -> list[str]:
    """Return the options that tox.ini and the workflow's call of it pass to pytest."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "tox.ini")
    posargs = command(workflow, f"tox -e {workflow} -- ").partition(" -- ")[2]
    words = shlex.split(config[f"testenv:{workflow}"]["commands"].replace("{posargs}", posargs))
    assert words[:2] == ["pytest", "benchmarks"]
    return words[2:]


def test_the_replay_is_compared_with_the_file_that_it_names(tmp_path: Path) -> None:
    """The path given after tox's arguments overrides the baseline in tox.ini."""
    baseline = shutil.copy(ROOT / ".benchmarks" / "0001_baseline.json", tmp_path / "main.json")
    elsewhere = {".benchmarks/main.json": str(baseline), "--report=report": f"--report={tmp_path / 'report'}"}
    given = [re.sub("|".join(elsewhere), lambda found: elsewhere[found[0]], word) for word in options("replay")]
    run = run_suite(tmp_path, *given, "--model=gemini-3-pro-preview")
    assert run.code == 0, run.output
    assert f"Comparing against benchmarks from: {baseline}" in run.output
    assert (tmp_path / "report" / "summary.md").is_file()


def test_a_live_session_lacks_nothing_but_the_key(tmp_path: Path) -> None:
    """All options are valid, and nothing is sent without a key."""
    given = [word.replace("--report=report", f"--report={tmp_path / 'report'}") for word in options("live")]
    run = run_suite(tmp_path, *given)
    assert run.code != 0
    assert "needs a key: set GEMINI_API_KEY" in run.output


def test_a_live_session_is_estimated_to_cost_less_than_its_cap(tmp_path: Path) -> None:
    """The estimate, which a lower cap makes the run print, is below the workflow's own cap."""
    given = [word.replace("--report=report", f"--report={tmp_path / 'report'}") for word in options("live")]
    (cap,) = [float(word.partition("=")[2]) for word in given if word.startswith("--max-cost=")]
    run = run_suite(tmp_path, *given, "--max-cost=0.01", GEMINI_API_KEY="is not looked at")
    (estimate,) = re.findall(r"estimated to cost \$([\d.]+)", run.output)
    assert 0.01 < float(estimate) < cap


def test_a_pull_request_is_compared_with_the_main_branchs_baseline(tmp_path: Path) -> None:
    """A change of the baseline in the pull request is not used."""
    clone = clone_with(tmp_path, ".benchmarks/0001_baseline.json")
    (clone / ".benchmarks" / "0001_baseline.json").write_text("the change's")
    git(clone, "commit", "--quiet", "--all", "--message", "a change")
    subprocess.run(["bash", "-eo", "pipefail", "-c", command("replay", "git show")], cwd=clone, check=True)
    assert (clone / ".benchmarks" / "main.json").read_text() == "main's .benchmarks/0001_baseline.json"


def test_the_first_pull_request_is_compared_with_its_own_baseline(tmp_path: Path) -> None:
    """If main has no baseline, that of the change is used."""
    clone = clone_with(tmp_path)
    (clone / ".benchmarks").mkdir()
    (clone / ".benchmarks" / "0001_baseline.json").write_text("the change's")
    subprocess.run(["bash", "-eo", "pipefail", "-c", command("replay", "git show")], cwd=clone, check=True)
    assert (clone / ".benchmarks" / "main.json").read_text() == "the change's"


@pytest.mark.parametrize(
    ("found", "call"),
    [
        ("", "api --method POST repos/somebody/images/issues/5/comments --field body=@comment.md --silent"),
        ("12", "api --method PATCH repos/somebody/images/issues/comments/12 --field body=@comment.md --silent"),
    ],
)
def test_a_pull_request_has_one_comment(found: str, call: str, tmp_path: Path) -> None:
    """The first run creates the comment with the report's summary, later runs update it."""
    write_report(tmp_path, NOT_SLOWER)
    assert step("replay", "comment", tmp_path, NUMBER="5", FOUND=found).returncode == 0
    assert calls(tmp_path)[-1] == call
    assert len(calls(tmp_path)) == 2
    assert (tmp_path / "comment.md").read_text() == "<!-- replay -->\n| strategy | verdict |\n"


@needs_jq
def test_a_comment_of_another_workflow_is_not_changed(tmp_path: Path) -> None:
    """Only a comment by the workflows' user that begins with the mark is updated."""
    write_report(tmp_path, NOT_SLOWER)
    step("replay", "comment", tmp_path, NUMBER="5", FOUND="")
    query = calls(tmp_path)[0].partition(" --jq ")[2]
    bot, comments = "github-actions[bot]", ["Deployed.", "<!-- replay -->\nours"]
    authors = [(bot, comments[0], 1), ("somebody", comments[1], 2), (bot, comments[1], 3)]
    page = json.dumps([{"user": {"login": login}, "body": body, "id": number} for login, body, number in authors])
    done = subprocess.run(["jq", query], input=page, capture_output=True, text=True, check=True)
    assert done.stdout == "3\n"


@needs_jq
@pytest.mark.parametrize(
    ("found", "said"), [("", ["issue list", "label create", "issue create"]), ("3", ["issue list", "issue comment 3"])]
)
def test_a_slower_verdict_opens_one_issue(found: str, said: list[str], tmp_path: Path) -> None:
    """While the issue is open, later runs comment on it, each with the summary and a link to the run."""
    write_report(tmp_path, SLOWER)
    assert step("live", "issue", tmp_path, FOUND=found).returncode == 0
    assert [call[: len(start)] for call, start in zip(calls(tmp_path), said, strict=True)] == said
    link = "[The run, with its report](https://github.com/somebody/images/actions/runs/7)"
    assert (tmp_path / "issue.md").read_text() == f"{link}\n\n| strategy | verdict |\n"


@needs_jq
def test_a_session_that_failed_and_is_not_slower_opens_no_issue(tmp_path: Path) -> None:
    """The exit code alone opens no issue; the verdict must have a slower strategy."""
    write_report(tmp_path, NOT_SLOWER)
    done = step("live", "issue", tmp_path, FOUND="")
    assert (done.returncode, done.stdout) == (0, "Nothing got slower.\n")
    assert not calls(tmp_path)


@needs_jq
@pytest.mark.parametrize("verdict", ["{}", "[]", "not JSON"])
def test_an_unreadable_verdict_fails_the_job(verdict: str, tmp_path: Path) -> None:
    """A `verdict.json` of another format or without JSON is an error."""
    write_report(tmp_path, verdict)
    assert step("live", "issue", tmp_path, FOUND="").returncode != 0


def keep_session(tmp_path: Path, job: str, number: str) -> str:
    """Run the job of the live workflow that adds a session to the history; return its output."""
    sessions = tmp_path / job / "sessions"
    sessions.mkdir(parents=True, exist_ok=True)
    (sessions / f"{number}_session.json").write_text(number)
    remote = {"GITHUB_SERVER_URL": f"file://{tmp_path}", "GITHUB_REPOSITORY": "origin"}
    done = step("live", "history", tmp_path / job, **remote)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_sessions_are_added_to_the_history_and_come_back(tmp_path: Path) -> None:
    """The first session creates the branch, the second is added to it, and a later checkout gets both."""
    clone = clone_with(tmp_path)
    for number in ("0001", "0002"):
        keep_session(tmp_path, number, number)
    git(clone, "fetch", "--quiet", "origin")
    subprocess.run(["bash", "-eo", "pipefail", "-c", command("live", "git archive")], cwd=clone, check=True)
    stored = {path.name: path.read_text() for path in (clone / ".benchmarks" / "live").iterdir()}
    assert stored == {"0001_session.json": "0001", "0002_session.json": "0002"}
    assert git(clone, "log", "--format=%s", "origin/benchmark-history").count("Live session of run 7") == 2


def test_a_level_accepted_during_a_session_stays_on_the_branch(tmp_path: Path) -> None:
    """The session's older file of accepted levels does not overwrite the branch's."""
    clone = clone_with(tmp_path)
    keep_session(tmp_path, "0001", "0001")
    git(clone, "fetch", "--quiet", "origin")
    git(clone, "checkout", "--quiet", "benchmark-history")
    accepted = clone / ".benchmarks" / "live" / "accepted.json"
    accepted.write_text("new")
    git(clone, "add", ".benchmarks")
    git(clone, "commit", "--quiet", "--message", "accept")
    git(clone, "push", "--quiet", "origin", "benchmark-history")
    (tmp_path / "0002" / "sessions").mkdir(parents=True)
    (tmp_path / "0002" / "sessions" / "accepted.json").write_text("old")
    keep_session(tmp_path, "0002", "0002")
    git(clone, "pull", "--quiet")
    assert accepted.read_text() == "new"
    assert sorted(path.name for path in accepted.parent.iterdir()) == [
        "0001_session.json",
        "0002_session.json",
        "accepted.json",
    ]


def test_a_session_that_did_not_start_does_not_change_the_history(tmp_path: Path) -> None:
    """Without a new session, such as above the cost cap, nothing is pushed."""
    clone = clone_with(tmp_path)
    keep_session(tmp_path, "first", "0001")
    assert keep_session(tmp_path, "again", "0001") == "No session was stored.\n"
    git(clone, "fetch", "--quiet", "origin")
    assert git(clone, "rev-list", "--count", "origin/benchmark-history") == "1\n"


@pytest.mark.parametrize(("is_set", "said"), [("true", ""), ("false", "The secret GEMINI_API_KEY is not set")])
def test_a_missing_key_is_reported_and_is_no_failure(is_set: str, said: str, tmp_path: Path) -> None:
    """Without the secret, live sessions are skipped, with a sentence in the job's summary."""
    files = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    done = step("live", "key", tmp_path, IS_SET=is_set, **files)
    assert done.returncode == 0
    assert done.stdout.startswith(said)
    assert (tmp_path / "output").read_text() == f"is_set={is_set}\n"
    assert (tmp_path / "summary").exists() == bool(said)


def test_every_action_is_pinned_to_one_commit_everywhere() -> None:
    """Every use of an action has the same commit, with the version in a comment."""
    uses = [
        line.split("uses: ")[1]
        for path in WORKFLOWS.values()
        for line in path.read_text().splitlines()
        if "uses:" in line
    ]
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use) for use in uses)
    assert len(set(uses)) == len({use.split("@")[0] for use in uses})
