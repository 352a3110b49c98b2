"""An input of each of the seven modes."""

from mjpipe.contract import Mode
from mjpipe.domain import JsonObject

INPUTS: dict[Mode, JsonObject] = {
    Mode.TEXT_TO_IMAGE: {
        "mode": "text-to-image",
        "prompt": "a quiet library",
        "speed": "fast",
        "sref_urls": [{"url": "https://example.com/style.jpg", "weight": 2}],
        "iw": 1.5,
        "is_hd": True,
    },
    Mode.IMAGE_TO_IMAGE: {"mode": "image-to-image", "prompt": "a dog", "image_urls": ["https://example.com/dog.jpg"]},
    Mode.IMAGE_EDIT: {
        "mode": "image-edit",
        "prompt": "an espresso machine",
        "image_urls": ["https://example.com/cafe.jpg"],
        "canvas": {"width": 1024, "height": 1024},
    },
    Mode.VARY: {"mode": "vary", "taskId": "task_0", "imageIndex": 0, "type": 1, "remixPrompt": "warmer"},
    Mode.UPSCALE: {"mode": "upscale", "taskId": "task_0", "imageIndex": 2, "type": 0},
    Mode.REROLL: {"mode": "reroll", "taskId": "task_0"},
    Mode.ENHANCE: {"mode": "enhance", "taskId": "task_0", "imageIndex": 1},
}
