"""What each diagnostic of a plan means; `mjpipe explain` prints it."""

from mjpipe.plan.codes.input_codes import INPUT_CODES
from mjpipe.plan.codes.job_codes import JOB_CODES
from mjpipe.plan.codes.picks_codes import PICKS_CODES
from mjpipe.plan.codes.template_codes import TEMPLATE_CODES
from mjpipe.plan.codes.value_codes import VALUE_CODES

EXPLANATIONS = {**INPUT_CODES, **TEMPLATE_CODES, **VALUE_CODES, **PICKS_CODES, **JOB_CODES}
