"""Plans for people and programs: a format is one module, and one line here."""

from mjpipe.plan.outcome.formats import plan_json, plan_markdown

PLAN_FORMATS = {"json": plan_json.FORMAT, "markdown": plan_markdown.FORMAT}
"""By name, which is that of an option; without one a plan is shown as `plan_text`."""
