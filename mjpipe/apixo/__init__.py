"""The service's door: submit, status, balance and image downloads, careful with money."""

from mjpipe.apixo.access import DEFAULT_BASE_URL, ApiKey, checked_base_url
from mjpipe.apixo.answer import TaskNotFound
from mjpipe.apixo.client import Accepted, Client, Timeouts
from mjpipe.apixo.environment import check_environment
from mjpipe.apixo.images import Fetched, ImageFault, ImageHosts, Remedy
from mjpipe.apixo.retry import backoff
from mjpipe.apixo.submission import submission_body
from mjpipe.apixo.task import Action, TaskStatus
from mjpipe.apixo.timeout import wait_at_most

__all__ = [
    "DEFAULT_BASE_URL",
    "Accepted",
    "Action",
    "ApiKey",
    "Client",
    "Fetched",
    "ImageFault",
    "ImageHosts",
    "Remedy",
    "TaskNotFound",
    "TaskStatus",
    "Timeouts",
    "backoff",
    "check_environment",
    "checked_base_url",
    "submission_body",
    "wait_at_most",
]
