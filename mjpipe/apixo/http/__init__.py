"""Requests over HTTP: to the service, and to the hosts of its images."""

from mjpipe.apixo.http.client import Client, Timeouts
from mjpipe.apixo.http.images import ImageHosts

__all__ = ["Client", "ImageHosts", "Timeouts"]
