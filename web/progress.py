"""How far long work is, as our doors tell it."""

from __future__ import annotations

from dataclasses import asdict

from daemon.job import Job
from protocol import answers
from web.addresses import url


def told(job: Job) -> answers.Job:
    """As it is now."""
    links = {"run": url(job.id), "events": f"{url(job.id)}/events"}
    return answers.Job.model_validate(
        {**asdict(job.progress()), "title": job.plan.title or job.request["name"], "links": links}
    )
