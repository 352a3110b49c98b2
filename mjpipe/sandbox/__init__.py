"""A local stand-in for the service: the same API and rules, play money and drawn pictures."""

from mjpipe.sandbox.app import create_app
from mjpipe.sandbox.server import RunningSandbox, serve_sandbox, start_sandbox
from mjpipe.sandbox.settings import Settings

__all__ = ["RunningSandbox", "Settings", "create_app", "serve_sandbox", "start_sandbox"]
