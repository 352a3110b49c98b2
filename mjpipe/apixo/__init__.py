"""The service: what is sent to it, and what its answers mean, also for the money. `apixo.http` makes the requests."""

from mjpipe.apixo.access import ApiKey, checked_base_url
from mjpipe.apixo.download import Fetched, ImageFault, Remedy
from mjpipe.apixo.environment import check_environment
from mjpipe.apixo.retry import backoff
from mjpipe.apixo.submission import submission_body
from mjpipe.apixo.task import Accepted, Action, TaskNotFound, TaskStatus
from mjpipe.apixo.timeout import wait_at_most

__all__ = [
    "Accepted",
    "Action",
    "ApiKey",
    "Fetched",
    "ImageFault",
    "Remedy",
    "TaskNotFound",
    "TaskStatus",
    "backoff",
    "check_environment",
    "checked_base_url",
    "submission_body",
    "wait_at_most",
]
