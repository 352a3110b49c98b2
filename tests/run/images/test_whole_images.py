"""What Pillow says of an image beside whether it is one."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

LOOKS = """
import sys
from pathlib import Path
from mjpipe.run.images.whole_images import whole_image
print(whole_image(Path(sys.argv[1])))
"""


def test_warnings_of_pillow_do_not_reach_the_terminal(tmp_path: Path) -> None:
    file = BytesIO()
    Image.new("1", (9_600, 9_600)).save(file, "PNG")  # more pixels than Pillow takes without a word
    picture = tmp_path / "large.png"
    picture.write_bytes(file.getvalue())
    program = [sys.executable, "-c", LOOKS, str(picture)]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == (
        "WholeImage(ending='png', facts=ImageFacts(width=9600, height=9600, media_type='image/png'))\n",
        "",
    )
