"""What the diagnostics about the picks file mean, at more length than their messages."""

from mjpipe.manifest import explanation

PICKS_CODES = {
    "MJ090": explanation(
        "a picks file with a mistake",
        "A line is one decision about the images of a job: for one consumer node or, if `node` is empty, for all.\n"
        "`mjpipe pick M KEY` writes such lines. You can also write them by hand or in a spreadsheet.",
        wrong="key,node,decision,images\nhero/T-01/studio,final,yes,two",
        right="key,node,decision,images\nhero/T-01/studio,final,pick,2",
    ),
    "MJ091": explanation(
        "a reroll that the service does not offer",
        "It can repeat generations, variations and rerolls, but no edit, upscale or enhancement. Reroll the job\n"
        "that it started from: its follow-ups are then made again. Or delete the line in the picks file.",
    ),
    "MJ092": explanation(
        "a pick without a job (a warning)",
        "No job has the key of the line, or no node has the name of its consumer, so the line has no effect.\n"
        "Lines for an earlier task are not reported here: `mjpipe status M` lists them as stale picks.",
        wrong="key,node,decision,images\nhero/T-01/studo,,pick,2",
        right="key,node,decision,images\nhero/T-01/studio,,pick,2",
    ),
    "MJ093": explanation(
        "a pick of an image that the job does not have",
        "Images are numbered from 0: the first of four is 0, the last is 3. If you counted from 1, your other lines\n"
        "name the wrong images too. A planned image that did not come is no mistake: jobs that start from it are\n"
        "skipped.",
    ),
    "MJ095": explanation(
        "two picks that differ, and no time says which is the later one",
        "Of several lines for one key, node and task the one with the latest time in `at` counts, wherever it stands.\n"
        "Without times the order of lines decides nothing, because a merge may change it. Lines that say the same\n"
        "do no harm.",
        wrong="key,node,decision,images\nhero/T-01/studio,,pick,2\nhero/T-01/studio,,pick,0",
        right="key,node,decision,images,at\nhero/T-01/studio,,pick,2,2026-03-31T14:30:00Z\n"
        "hero/T-01/studio,,pick,0,2026-03-31T15:10:00Z",
    ),
    "MJ096": explanation(
        "picks that are out of date (a warning)",
        "A pick is for the images that were there when it was made. This plan makes these jobs again, or they were\n"
        "made again since, so other images will be there: the pick is ignored, and the jobs wait for a new one.\n"
        "Undo the change, and the picks count again. `mjpipe status M` lists them with their lines.",
    ),
}
