"""Templates that would never end, wherever a manifest may have one, as the program reports them."""

import os

from tests.cli.program import Mjpipe

LOOPS = "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}"
CALLS = "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}"
NESTED = "{% for x in y %}" * 25 + "{% endfor %}" * 25
MANIFEST = f"""\
mjpipe: 1
campaign: endless
inputs:
  cups: {{rows: [{{name: mug}}], where: "range(999) | map('string') | list * 99 == name"}}
  pots: {{rows: [{{name: pot}}]}}
outputs:
  path: "{{{{ key }}}}{LOOPS}-{{{{ image }}}}.{{{{ ext }}}}"
nodes:
  a: {{kind: generate, for_each: cups, params: {{prompt: a cup}}}}
  b: {{kind: generate, for_each: pots, where: "'x' * 10 ** 9 == name", params: {{prompt: a pot}}}}
  c:
    kind: generate
    for_each: pots
    labels: {{of: "{CALLS}"}}
    params:
      prompt: "{{{{ name }}}}{LOOPS}"
      sref_urls: ["{{% include 'pipe' %}}"]
      negative_prompt: "{NESTED}"
"""
TOO_DEEP = "macros, loops or included files call each other more than 30 deep"
TOLD = [
    "campaign.yaml:4:39: error[MJ067]: `where` fails: it takes more than 100,000 steps",
    "campaign.yaml:7:10: error[MJ067]: the path fails: it takes more than 100,000 steps",
    "campaign.yaml:10:47: error[MJ067]: `where` fails: a template may produce at most 100000 characters",
    f"campaign.yaml:14:19: error[MJ067]: the template fails: {TOO_DEEP}",
    "campaign.yaml:16:16: error[MJ067]: the template fails: it takes more than 100,000 steps",
    "campaign.yaml:17:23: error[MJ065]: the template is wrong: `pipe` cannot be read: it is a named pipe, not a file",
    "campaign.yaml:18:25: error[MJ065]: the template is wrong: it is nested too deeply",
]


def test_endless_templates_are_reported_at_their_places(mjpipe: Mjpipe) -> None:
    os.mkfifo(mjpipe.folder / "pipe")
    (mjpipe.folder / "campaign.yaml").write_text(MANIFEST)
    done = mjpipe("validate", "campaign.yaml", code=2)
    said = (done.stdout + done.stderr).splitlines()
    assert [line for line in said if line.startswith("campaign.yaml:")] == TOLD
    assert said[-1] == "error: 8 errors in campaign.yaml"
